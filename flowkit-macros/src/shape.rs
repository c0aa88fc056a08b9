//! What each option takes, in words and in code.

use proc_macro2::Span;
use syn::Ident;
use syn::parse::ParseStream;

use crate::reader::Reader;
use crate::template::Template;
use crate::valid::option as valid;
use crate::value::Value;

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Block,
    CacheKey,
    Count { least: u32 },
    Crate,
    Delay,
    Durability,
    Duration,
    Factor,
    Name,
    OnCrash,
    Path,
    Paths,
    Switch,
    Template,
    Text,
    Texts,
}

impl Shape {
    /// What belongs here, in words and as an example.
    fn wanted(self) -> (&'static str, &'static str) {
        match self {
            Self::Block => ("a block as type/name", r#""local-file-system/results""#),
            Self::CacheKey => {
                ("`inputs`, `source`, both in a list or the path of a function", "inputs")
            }
            Self::Count { least: 0 } => ("a whole number", "3"),
            Self::Count { .. } => ("a whole number of at least 1", "8"),
            Self::Crate => ("the path of the library", "::flowkit"),
            Self::Delay => {
                (r#"a duration, a list of them or `exponential("1s", max = "1m")`"#, r#""2s""#)
            }
            Self::Durability => ("`process`, `power` or `relaxed`", "power"),
            Self::Duration => ("a duration with its unit", r#""30s""#),
            Self::Factor => ("a number of at least 0", "0.5"),
            Self::Name => ("a name in quotes", r#""nightly load""#),
            Self::OnCrash => ("`resume` or `fail`", "resume"),
            Self::Path => ("the path of a function", "checks::is_sound"),
            Self::Paths => ("the path of a function or a list of them", "notify"),
            Self::Switch => ("`true` or `false`", "true"),
            Self::Template => ("a text, parameters in braces", r#""load-{day}""#),
            Self::Text => ("a text in quotes", r#""…""#),
            Self::Texts => ("a list of texts", r#"["io"]"#),
        }
    }

    pub(crate) fn refusal(self, key: &Ident, span: Span) -> syn::Error {
        let (wanted, example) = self.wanted();
        let sentence = format!("`{key}` takes {wanted}, as in `{key} = {example}`");
        syn::Error::new(span, sentence)
    }

    /// Reads the value of the option `key`.
    pub(crate) fn parse(self, key: &Ident, input: ParseStream<'_>) -> syn::Result<Value> {
        let reader = Reader { shape: self, key, input };
        match self {
            Self::Block => valid::block(reader.literal()?).map(Value::Text),
            Self::CacheKey => reader.cache_key().map(Value::CacheKey),
            Self::Count { least } => reader.count(least).map(Value::Constant),
            Self::Crate | Self::Path => reader.literal().map(Value::Path),
            Self::Delay => reader.delay().map(Value::Private),
            Self::Durability => {
                reader.choice("Durability", &["Process", "Power", "Relaxed"]).map(Value::Private)
            }
            Self::Duration => reader.time().map(Value::Constant),
            Self::Factor => reader.factor().map(Value::Constant),
            Self::Name => valid::name(reader.literal()?).map(Value::Name),
            Self::OnCrash => reader.choice("OnCrash", &["Resume", "Fail"]).map(Value::Private),
            Self::Paths => reader.paths().map(Value::Paths),
            Self::Switch => reader.switch().map(Value::Constant),
            Self::Template => Template::parse(reader.literal()?).map(Value::Template),
            Self::Text => reader.literal().map(Value::Text),
            Self::Texts => reader.texts().map(Value::Constant),
        }
    }
}
