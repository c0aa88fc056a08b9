//! Which options there are, what they may say, and what they need.

use std::fmt::Display;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr, Result};

use super::refusal;
use crate::attribute::Attribute;
use crate::nearest::nearest;
use crate::option::{OPTIONS, Options};
use crate::rejection::Rejections;
use crate::shape::Shape;
use crate::signature::{Parameter, Returns, Signature};
use crate::template::Template;
use crate::value::Value;

/// The key of the next option.
pub(crate) fn key(input: ParseStream<'_>) -> Result<Ident> {
    let here = input.span();
    let sentence = "an option is written `name = value`";
    input.call(Ident::parse_any).map_err(|_| Error::new(here, sentence))
}

/// What the option takes; an unknown one is told the nearest name.
pub(crate) fn option(key: &Ident, attribute: Attribute) -> Result<Shape> {
    let name = key.to_string();
    match OPTIONS.iter().find(|option| option.0 == name) {
        Some((_, takers, shape)) if takers.contains(&attribute) => Ok(*shape),
        Some((_, takers, _)) => Err(refusal(key, format!("`{key}` belongs to {}", either(takers)))),
        None => Err(refusal(key, unknown(&name, attribute))),
    }
}

fn unknown(name: &str, attribute: Attribute) -> String {
    let takes = |option: &&(_, &[Attribute], _)| option.1.contains(&attribute);
    let names = OPTIONS.iter().filter(takes).map(|option| option.0);
    match nearest(name, names.clone()) {
        Some(near) => format!("{attribute} has no option `{name}`; did you mean `{near}`?"),
        None => format!("{attribute} has no option `{name}`; it has {}", listed(names)),
    }
}

/// An option is given once.
pub(crate) fn given_once(key: &Ident, earlier: &Options) -> Result<()> {
    match earlier.mentions(&key.to_string()) {
        true => Err(refusal(key, format!("`{key}` is already given: keep one of the two"))),
        false => Ok(()),
    }
}

/// A name that can stand in an address.
pub(crate) fn name(name: LitStr) -> Result<LitStr> {
    let text = name.value();
    if text.trim().is_empty() {
        return Err(refusal(name, "a name has at least one letter"));
    }
    match text.chars().find(|letter| "/%&<>".contains(*letter)) {
        Some(letter) => {
            Err(refusal(name, format!("a name does without `{letter}`, which addresses use")))
        }
        None => Ok(name),
    }
}

/// A block is its type and its name.
pub(crate) fn block(block: LitStr) -> Result<LitStr> {
    let text = block.value();
    let parts: Vec<_> = text.split('/').collect();
    if parts.len() == 2 && parts.iter().all(|part| !part.is_empty()) {
        return Ok(block);
    }
    let sentence = "a block is its type, a slash and its name: \"local-file-system/results\"";
    Err(refusal(block, sentence))
}

/// A time that ends nothing as soon as it begins.
pub(crate) fn longer_than_zero(nanoseconds: u64, key: &Ident, literal: &LitStr) -> Result<u64> {
    match nanoseconds {
        0 => {
            Err(refusal(literal, format!("`{key}` is longer than zero; leave it out to have none")))
        }
        _ => Ok(nanoseconds),
    }
}

/// A list of delays has a first one.
pub(crate) fn some_delays(delays: Vec<u64>, here: Span) -> Result<Vec<u64>> {
    match delays.is_empty() {
        true => Err(Error::new(here, "a list of delays has at least one: `[\"1s\", \"5s\"]`")),
        false => Ok(delays),
    }
}

/// Growing delays have room to grow.
pub(crate) fn room_to_grow(first: u64, max: u64, literal: &LitStr) -> Result<u64> {
    match max < first {
        true => Err(refusal(literal, "`max` is at least as long as the first delay")),
        false => Ok(max),
    }
}

/// What the options ask of each other and of the function.
pub(crate) fn needs(options: &Options, signature: &Signature) -> Rejections {
    let mut found = Rejections::default();
    for (option, needed) in NEEDS {
        if let Some(given) = options.get(option)
            && !options.mentions(needed)
        {
            let sentence = format!("`{option}` does nothing without `{needed}`: give both");
            found.add(refusal(&given.key, sentence));
        }
    }
    found.keep(retry_sees_errors(options, signature));
    if let Some(Value::Template(template)) = options.value("run_name") {
        found.keep(placeholders(template, signature));
    }
    found
}

/// Options that do nothing alone, and the one each of them needs.
const NEEDS: [(&str, &str); 5] = [
    ("retry_delay", "retries"),
    ("retry_if", "retries"),
    ("retry_jitter", "retry_delay"),
    ("cache_expiration", "cache_key"),
    ("refresh_cache", "cache_key"),
];

/// `retry_if` looks at errors, so there must be some.
fn retry_sees_errors(options: &Options, signature: &Signature) -> Result<()> {
    match (options.get("retry_if"), &signature.returns) {
        (None, _) | (_, Returns::Fallible(_)) => Ok(()),
        (Some(given), Returns::Plain(_) | Returns::Nothing) => Err(refusal(
            &given.key,
            "`retry_if` looks at the error: let the function return a `Result`",
        )),
    }
}

/// A run name is made of parameters.
fn placeholders(template: &Template, signature: &Signature) -> Result<()> {
    let inputs: Vec<_> = signature.inputs().map(Parameter::label).collect();
    let missing = template.names.iter().find(|name| !inputs.contains(name));
    let Some(missing) = missing else {
        return Ok(());
    };
    let resource = signature.parameters.iter().any(|it| it.label() == *missing);
    let sentence = match nearest(missing, inputs.iter().map(String::as_str)) {
        _ if resource => format!("`{missing}` is a resource, of which a run's name says nothing"),
        _ if inputs.is_empty() => format!("`{missing}` is no parameter; there are none"),
        Some(near) => format!("`{missing}` is no parameter; did you mean `{near}`?"),
        None => format!("`{missing}` is no parameter; there are {}", listed(inputs.iter())),
    };
    Err(refusal(&template.literal, sentence))
}

fn either(attributes: &[Attribute]) -> String {
    let names: Vec<_> = attributes.iter().map(Attribute::to_string).collect();
    names.join(" and ")
}

fn listed(names: impl Iterator<Item = impl Display>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
