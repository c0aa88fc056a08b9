//! The options of the attributes: which there are, who takes them, what was given.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{ExprPath, Ident, Token};

use crate::attribute::Attribute::{self, Flow, Main, Task};
use crate::rejection::Rejections;
use crate::shape::Shape;
use crate::valid::option as valid;
use crate::value::Value;

/// Every option: its name, the attributes that take it, the shape of its value.
pub(crate) const OPTIONS: [(&str, &[Attribute], Shape); 25] = [
    ("name", &[Task, Flow], Shape::Name),
    ("run_name", &[Task, Flow], Shape::Template),
    ("description", &[Task, Flow], Shape::Text),
    ("version", &[Task, Flow], Shape::Text),
    ("tags", &[Task, Flow], Shape::Texts),
    ("retries", &[Task, Flow], Shape::Count { least: 0 }),
    ("retry_delay", &[Task, Flow], Shape::Delay),
    ("retry_jitter", &[Task, Flow], Shape::Factor),
    ("retry_if", &[Task, Flow], Shape::Path),
    ("timeout", &[Task, Flow], Shape::Duration),
    ("cache_key", &[Task], Shape::CacheKey),
    ("cache_expiration", &[Task], Shape::Duration),
    ("refresh_cache", &[Task], Shape::Switch),
    ("concurrency", &[Flow], Shape::Count { least: 1 }),
    ("validate", &[Flow], Shape::Path),
    ("persist_result", &[Task, Flow], Shape::Switch),
    ("result_storage", &[Task, Flow], Shape::Block),
    ("on_completion", &[Task, Flow], Shape::Paths),
    ("on_failure", &[Task, Flow], Shape::Paths),
    ("on_cancellation", &[Task, Flow], Shape::Paths),
    ("on_crashed", &[Task, Flow], Shape::Paths),
    ("on_crash", &[Flow], Shape::OnCrash),
    ("durability", &[Flow], Shape::Durability),
    ("worker_threads", &[Main], Shape::Count { least: 1 }),
    ("crate", &[Task, Flow, Main], Shape::Crate),
];

/// One option as it was written.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// The options somebody wrote between the brackets.
#[derive(Debug, Default)]
pub(crate) struct Options {
    given: Vec<Given>,
    /// The keys of all of them, also of those with a wrong value.
    mentioned: Vec<Ident>,
}

impl Options {
    /// Reads `key = value, …`; what is wrong is rejected and left out.
    pub(crate) fn parse(
        attribute: Attribute,
        arguments: TokenStream,
        rejections: &mut Rejections,
    ) -> Self {
        let mut options = Self::default();
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let given = options.next(attribute, input);
                options.given.extend(rejections.keep(given));
                skip_past_comma(input)?;
            }
            Ok(())
        };
        let outcome = read.parse2(arguments);
        rejections.keep(outcome);
        options
    }

    fn next(&mut self, attribute: Attribute, input: ParseStream<'_>) -> syn::Result<Given> {
        let key = valid::key(input)?;
        let shape = valid::option(&key, attribute)?;
        valid::given_once(&key, self)?;
        self.mentioned.push(key.clone());
        let equals = input.parse::<Token![=]>();
        equals.map_err(|_| shape.refusal(&key, key.span()))?;
        let value = shape.parse(&key, input)?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(shape.refusal(&key, input.span()));
        }
        Ok(Given { key, value })
    }

    /// The option of that name, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&Given> {
        debug_assert!(OPTIONS.iter().any(|option| option.0 == name), "{name}");
        self.given.iter().find(|given| given.key == name)
    }

    /// Whether somebody wrote the option, rightly or wrongly.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.mentioned.iter().any(|key| key == name)
    }

    /// The value given for that name.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.get(name).map(|given| &given.value)
    }

    /// The path given for that name.
    pub(crate) fn path(&self, name: &str) -> Option<&ExprPath> {
        match self.value(name)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The calls that tell the definition what was given.
    pub(crate) fn settings(&self, library: &TokenStream) -> impl Iterator<Item = TokenStream> {
        self.given.iter().filter_map(|given| {
            let constant = given.value.constant(library)?;
            let setting = match &given.value {
                Value::CacheKey(_) => Ident::new("cache", given.key.span()),
                _ => given.key.clone(),
            };
            Some(quote!(.#setting(#constant)))
        })
    }

    /// Where the library is: `::flowkit`, unless the option `crate` says otherwise.
    pub(crate) fn library(&self, span: Span) -> TokenStream {
        let path = self.path("crate").map(ToTokens::to_token_stream);
        path.unwrap_or_else(|| quote_spanned!(span=> ::flowkit))
    }
}

/// Moves to the next option, over whatever is left of a wrong one.
fn skip_past_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Option<Token![,]>>().map(drop)
}
