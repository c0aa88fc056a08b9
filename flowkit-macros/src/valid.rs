//! Every rejection that needs an understanding of the code: a list of sentences.
//! Each says what is allowed, at the token that is not.

use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Attribute as Written, Error, Ident, LitStr, Meta, Pat, Result, Signature as Plain, Type,
};

use crate::attribute::Attribute;
use crate::flaw::Flaw;
use crate::nearest::nearest;
use crate::option::{OPTIONS, Options};
use crate::rejection::Rejections;
use crate::shape::Shape;
use crate::signature::{Parameter, Returns, Role, Signature, ungrouped};
use crate::template::Template;
use crate::value::Value;

/// More parameters than this are clearer as a struct.
const MOST_PARAMETERS: usize = 12;

/// What stands before, around or behind the parameters of any of our functions.
pub(crate) fn function(attribute: Attribute, plain: &Plain) -> Rejections {
    let too_many = plain.inputs.iter().nth(MOST_PARAMETERS);
    let checks = [
        (
            plain.constness.to_token_stream(),
            "cannot be `const`: drop the word, it runs when it is called",
        ),
        (plain.safety.to_token_stream(), "cannot be `unsafe`: put the unsafe block into its body"),
        (plain.abi.to_token_stream(), "cannot be `extern`: drop the ABI, it is called from Rust"),
        (plain.generics.params.to_token_stream(), "cannot be generic: name the types it works on"),
        (
            plain.generics.where_clause.to_token_stream(),
            "takes no `where` clause: name the types it works on",
        ),
        (
            plain.receiver().to_token_stream(),
            "is a free function: take what it needs of `self` as parameters",
        ),
        (
            plain.variadic.to_token_stream(),
            "takes a fixed number of parameters: take the rest as a `Vec`",
        ),
        (too_many.to_token_stream(), "takes at most 12 parameters: group some of them in a struct"),
    ];
    let present = checks.into_iter().filter(|(tokens, _)| !tokens.is_empty());
    present
        .map(|(tokens, rule)| refusal(tokens, format!("a {} {rule}", attribute.thing())))
        .collect()
}

/// A main function is started by the system, which hands it nothing.
pub(crate) fn no_parameters(plain: &Plain) -> Result<()> {
    if plain.inputs.is_empty() {
        return Ok(());
    }
    let sentence = "a main function takes no parameters: read them from `std::env::args`";
    Err(refusal(&plain.inputs, sentence))
}

/// The plain name of a parameter.
pub(crate) fn parameter_name(pattern: &Pat) -> Result<Ident> {
    match pattern {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Ok(name.ident.clone())
        }
        _ => Err(refusal(
            pattern,
            "a parameter has a plain name, by which runs show it: take the value apart in the body",
        )),
    }
}

/// What the attributes of a parameter make of it.
pub(crate) fn parameter_role(attributes: &[Written]) -> Result<Role> {
    let mut role = Role::Input;
    for attribute in attributes {
        let Some(next) = role_of(&attribute.meta)? else {
            continue;
        };
        if !matches!(role, Role::Input) {
            let sentence = "a parameter carries `#[resource]` or `#[default(…)]`, and only once";
            return Err(refusal(attribute, sentence));
        }
        role = next;
    }
    Ok(role)
}

fn role_of(meta: &Meta) -> Result<Option<Role>> {
    let sentence = match meta {
        Meta::Path(path) if path.is_ident("resource") => return Ok(Some(Role::Resource)),
        Meta::List(list) if list.path.is_ident("default") && !list.tokens.is_empty() => {
            return list.parse_args().map(|value| Some(Role::Defaulted(value)));
        }
        _ if meta.path().is_ident("resource") => "`#[resource]` stands alone, without a value",
        _ if meta.path().is_ident("default") => "a default is in parentheses: `#[default(10)]`",
        _ if meta.path().is_ident("cfg") => {
            "put `#[cfg]` on the function: a parameter is always there"
        }
        _ => return Ok(None),
    };
    Err(refusal(meta, sentence))
}

/// A parameter is an owned value, or one plain reference to it.
pub(crate) fn parameter_type(ty: &Type) -> Result<()> {
    let Type::Reference(reference) = ungrouped(ty) else {
        return owned_parameter(ty);
    };
    if let Some(mutable) = &reference.mutability {
        let sentence = "a parameter is not borrowed mutably: take the value and return it changed";
        return Err(refusal(mutable, sentence));
    }
    if let Some(lifetime) = &reference.lifetime {
        let sentence = "drop the lifetime: a parameter is borrowed for as long as the body runs";
        return Err(refusal(lifetime, sentence));
    }
    if let Type::TraitObject(object) = ungrouped(&reference.elem) {
        let sentence = "a trait object is shared by its owner: take an `Arc<dyn Trait>`";
        return Err(refusal(object, sentence));
    }
    owned_parameter(&reference.elem)
}

fn owned_parameter(ty: &Type) -> Result<()> {
    Err(match Flaw::of(ty) {
        None => return Ok(()),
        Some(Flaw::Reference(inner)) => refusal(
            inner,
            "a reference stands first in a parameter's type: own what is inside, as in `Option<String>`",
        ),
        Some(Flaw::Lifetime(lifetime)) => refusal(
            lifetime,
            "a parameter's type has no lifetime but `'static`: take the type that owns the value",
        ),
        Some(Flaw::Impl(unnamed)) => refusal(
            unnamed,
            "a parameter's type has a name, under which values are stored: write it instead of `impl`",
        ),
    })
}

/// What a run returns outlives it.
pub(crate) fn return_type(attribute: Attribute, ty: &Type) -> Result<()> {
    let noun = attribute.noun();
    Err(match Flaw::of(ty) {
        None => return Ok(()),
        Some(Flaw::Reference(borrow)) => refusal(
            borrow,
            format!("a {noun} returns what it owns: `String` for `&str`, `Vec<T>` for `&[T]`"),
        ),
        Some(Flaw::Lifetime(lifetime)) => refusal(
            lifetime,
            format!("a {noun} returns what it owns: a type with no lifetime but `'static`"),
        ),
        Some(Flaw::Impl(unnamed)) => refusal(
            unnamed,
            format!("a {noun} returns a type with a name, such as `Vec<T>` for an iterator"),
        ),
    })
}

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
    match earlier.get(&key.to_string()) {
        None => Ok(()),
        Some(_) => Err(refusal(key, format!("`{key}` is already given: keep one of the two"))),
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
pub(crate) fn options(options: &Options, signature: &Signature) -> Rejections {
    let mut found = Rejections::default();
    for (option, needed) in NEEDS {
        if let (Some(given), None) = (options.get(option), options.get(needed)) {
            let sentence =
                format!("`{option}` has no effect without `{needed}`: give both or none");
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

fn refusal(tokens: impl ToTokens, sentence: impl Display) -> Error {
    Error::new_spanned(tokens, sentence)
}
