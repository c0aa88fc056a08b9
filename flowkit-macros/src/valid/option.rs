//! Which options there are, what they may say, and what they need.

use std::fmt::Display;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr, Result};

use super::refusal;
use crate::attribute::Attribute;
use crate::function::Function;
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
    if earlier.mentions(&key.to_string()) {
        return Err(refusal(key, format!("`{key}` is already given: keep one of the two")));
    }
    Ok(())
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
    if nanoseconds == 0 {
        let sentence = format!("`{key}` is longer than zero; leave it out to have none");
        return Err(refusal(literal, sentence));
    }
    Ok(nanoseconds)
}

/// A list of delays has a first one.
pub(crate) fn some_delays(delays: Vec<u64>, here: Span) -> Result<Vec<u64>> {
    if delays.is_empty() {
        let sentence = "a list of delays has at least one: `[\"1s\", \"5s\"]`";
        return Err(Error::new(here, sentence));
    }
    Ok(delays)
}

/// Growing delays have room to grow.
pub(crate) fn room_to_grow(first: u64, max: u64, literal: &LitStr) -> Result<u64> {
    if max < first {
        return Err(refusal(literal, "`max` is at least as long as the first delay"));
    }
    Ok(max)
}

/// What the options ask of each other and of the function.
pub(crate) fn needs(options: &Options, function: &Function, signature: &Signature) -> Rejections {
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
        found.keep(placeholders(template, function, signature));
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
fn placeholders(template: &Template, function: &Function, signature: &Signature) -> Result<()> {
    let inputs: Vec<_> = signature.inputs().map(Parameter::label).collect();
    let missing = template.names.iter().find(|name| !inputs.contains(name));
    let Some(missing) = missing else {
        return Ok(());
    };
    let resource = signature.parameters.iter().any(|it| it.label() == *missing);
    let no_parameter = format!("`{missing}` is no parameter of `{}`", function.name());
    let sentence = match nearest(missing, inputs.iter().map(String::as_str)) {
        _ if resource => format!("`{missing}` is a resource, of which a run's name says nothing"),
        _ if inputs.is_empty() => format!("{no_parameter}, which has none"),
        Some(near) => format!("{no_parameter}; did you mean `{near}`?"),
        None => format!("{no_parameter}, which has {}", listed(inputs.iter())),
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

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Main, Task};
    use crate::testing::{expanded, refusal, sentences};

    fn task(arguments: &str) -> String {
        refusal(Task, arguments, "fn load(day: Date, limit: u32) -> Result<u32> {}")
    }

    fn flow(arguments: &str) -> String {
        refusal(Flow, arguments, "fn load() {}")
    }

    #[test]
    fn option_has_a_name_and_a_value() {
        assert_eq!(task(r#""io""#), "an option is written `name = value`");
        assert_eq!(task("retries"), "`retries` takes a whole number, as in `retries = 3`");
        assert_eq!(task("retries(3)"), "`retries` takes a whole number, as in `retries = 3`");
        assert_eq!(task("retries = "), "`retries` takes a whole number, as in `retries = 3`");
        assert_eq!(task("retries = 3 + 1"), "`retries` takes a whole number, as in `retries = 3`");
    }

    #[test]
    fn unknown_option_is_told_the_nearest_or_all() {
        assert_eq!(task("retry = 3"), "`#[task]` has no option `retry`; did you mean `retries`?");
        assert_eq!(
            refusal(Main, "threads = 3", "fn main() {}"),
            "`#[main]` has no option `threads`; did you mean `worker_threads`?"
        );
        assert_eq!(
            flow(r#"schedule = "1h""#),
            "`#[flow]` has no option `schedule`; it has `name`, `run_name`, `description`, \
             `version`, `tags`, `retries`, `retry_delay`, `retry_jitter`, `retry_if`, `timeout`, \
             `concurrency`, `validate`, `persist_result`, `result_storage`, `on_completion`, \
             `on_failure`, `on_cancellation`, `on_crashed`, `on_crash`, `durability`, `crate`"
        );
    }

    #[test]
    fn option_of_another_attribute_is_told_whose_it_is() {
        assert_eq!(task("concurrency = 3"), "`concurrency` belongs to `#[flow]`");
        assert_eq!(flow("cache_key = inputs"), "`cache_key` belongs to `#[task]`");
        let retries = refusal(Main, "retries = 3", "fn main() {}");
        assert_eq!(retries, "`retries` belongs to `#[task]` and `#[flow]`");
    }

    #[test]
    fn option_is_given_once() {
        let twice = "`retries` is already given: keep one of the two";
        assert_eq!(task("retries = 3, retries = 4"), twice);
    }

    #[test]
    fn wrong_value_is_told_what_the_option_takes() {
        let takes = |arguments: &str, words: &str| {
            let (key, _) = arguments.split_once(" = ").unwrap();
            let attribute = match key {
                "concurrency" | "durability" | "on_crash" | "validate" => Flow,
                _ => Task,
            };
            let said = refusal(attribute, arguments, "fn load() {}");
            assert_eq!(said, format!("`{key}` takes {words}"));
        };

        takes("name = etl", r#"a name in quotes, as in `name = "nightly load"`"#);
        takes("description = 1", r#"a text in quotes, as in `description = "…"`"#);
        takes("run_name = day", r#"a text, parameters in braces, as in `run_name = "load-{day}"`"#);
        takes(r#"tags = "io""#, r#"a list of texts, as in `tags = ["io"]`"#);
        takes("tags = [io]", r#"a list of texts, as in `tags = ["io"]`"#);
        takes(r#"tags = ["io" "web"]"#, r#"a list of texts, as in `tags = ["io"]`"#);
        takes("retries = -1", "a whole number, as in `retries = 3`");
        takes("retries = 1.5", "a whole number, as in `retries = 3`");
        takes(r#"retries = "3""#, "a whole number, as in `retries = 3`");
        takes("concurrency = 0", "a whole number of at least 1, as in `concurrency = 8`");
        takes("retry_jitter = -0.5", "a number of at least 0, as in `retry_jitter = 0.5`");
        takes(r#"retry_jitter = "1""#, "a number of at least 0, as in `retry_jitter = 0.5`");
        takes("timeout = 30", r#"a duration with its unit, as in `timeout = "30s"`"#);
        takes("refresh_cache = 1", "`true` or `false`, as in `refresh_cache = true`");
        takes("validate = |x| x", "the path of a function, as in `validate = checks::is_sound`");
        takes(
            r#"on_failure = "notify""#,
            "the path of a function or a list of them, as in `on_failure = notify`",
        );
        takes("on_crash = retry", "`resume` or `fail`, as in `on_crash = resume`");
        takes("durability = full", "`process`, `power` or `relaxed`, as in `durability = power`");
        takes(
            "cache_key = [inputs, day]",
            "`inputs`, `source`, both in a list or the path of a function, as in \
             `cache_key = inputs`",
        );
        takes(
            "result_storage = local",
            r#"a block as type/name, as in `result_storage = "local-file-system/results"`"#,
        );
        takes("crate = 3", "the path of the library, as in `crate = ::flowkit`");
    }

    #[test]
    fn delay_is_one_of_three_forms() {
        let sentence = r#"`retry_delay` takes a duration, a list of them or `exponential("1s", max = "1m")`, as in `retry_delay = "2s"`"#;
        for delay in [
            "2",
            "[1, 2]",
            "linear(\"1s\")",
            "exponential",
            "exponential(1)",
            r#"exponential("1s", least = "1m")"#,
            r#"exponential("1s", max = "1m", 3)"#,
        ] {
            assert_eq!(task(&format!("retries = 2, retry_delay = {delay}")), sentence, "{delay}");
        }
        assert_eq!(
            task("retries = 2, retry_delay = []"),
            r#"a list of delays has at least one: `["1s", "5s"]`"#
        );
        assert_eq!(
            task(r#"retries = 2, retry_delay = exponential("1m", max = "1s")"#),
            "`max` is at least as long as the first delay"
        );
        assert_eq!(
            task(r#"retries = 2, retry_delay = exponential("0s")"#),
            "`retry_delay` is longer than zero; leave it out to have none"
        );
        assert_eq!(task(r#"retries = 2, retry_delay = "-2s""#), "a duration is never negative");
    }

    #[test]
    fn zero_is_refused_where_it_would_end_all() {
        assert_eq!(
            task(r#"timeout = "0s""#),
            "`timeout` is longer than zero; leave it out to have none"
        );
        assert_eq!(
            task(r#"cache_key = inputs, cache_expiration = "0s""#),
            "`cache_expiration` is longer than zero; leave it out to have none"
        );
    }

    #[test]
    fn name_and_block_have_their_letters() {
        assert_eq!(task(r#"name = " ""#), "a name has at least one letter");
        for letter in ["/", "%", "&", "<", ">"] {
            assert_eq!(
                task(&format!(r#"name = "a{letter}b""#)),
                format!("a name does without `{letter}`, which addresses use")
            );
        }
        for block in ["results", "local/", "/results", "a/b/c"] {
            assert_eq!(
                task(&format!(r#"result_storage = "{block}""#)),
                r#"a block is its type, a slash and its name: "local-file-system/results""#
            );
        }
    }

    #[test]
    fn option_needs_its_companion() {
        let does_nothing = |arguments: &str, option: &str, needed: &str| {
            let sentence = format!("`{option}` does nothing without `{needed}`: give both");
            assert_eq!(task(arguments), sentence);
        };

        does_nothing(r#"retry_delay = "2s""#, "retry_delay", "retries");
        does_nothing("retry_if = is_io", "retry_if", "retries");
        does_nothing("retries = 1, retry_jitter = 0.5", "retry_jitter", "retry_delay");
        does_nothing(r#"cache_expiration = "1h""#, "cache_expiration", "cache_key");
        does_nothing("refresh_cache = true", "refresh_cache", "cache_key");
    }

    #[test]
    fn wrong_companion_is_reported_alone() {
        let retries = task(r#"retries = "3", retry_delay = "2s""#);
        assert_eq!(retries, "`retries` takes a whole number, as in `retries = 3`");
    }

    #[test]
    fn retry_if_needs_errors() {
        assert_eq!(
            flow("retries = 1, retry_if = is_io"),
            "`retry_if` looks at the error: let the function return a `Result`"
        );
    }

    #[test]
    fn run_name_is_made_of_parameters() {
        assert_eq!(
            task(r#"run_name = "{lmit}""#),
            "`lmit` is no parameter of `load`; did you mean `limit`?"
        );
        assert_eq!(
            task(r#"run_name = "{customer}""#),
            "`customer` is no parameter of `load`, which has `day`, `limit`"
        );
        assert_eq!(
            flow(r#"run_name = "{day}""#),
            "`day` is no parameter of `load`, which has none"
        );
        assert_eq!(
            refusal(Task, r#"run_name = "{http}""#, "fn load(#[resource] http: Client) {}"),
            "`http` is a resource, of which a run's name says nothing"
        );
        assert_eq!(task(r#"run_name = "{}""#), "a placeholder names a parameter, as in `{day}`");
    }

    #[test]
    fn every_wrong_option_is_reported() {
        let file = expanded(Task, "retry = 3, timeout = 30, tags = [], x", "fn load() {}");
        assert_eq!(sentences(&file).len(), 3, "{:?}", sentences(&file));
    }
}
