//! The type that carries the function's name: its definition, and its body as it was written.
//!
//! ```text
//! Input:
//!     #[task(retries = 3)]
//!     pub async fn fetch(url: &str) -> Result<Page> { … }
//!
//! Output:
//!     pub struct fetch { _private: () }
//!     impl fetch {
//!         pub const NAME: &'static str = "fetch";
//!         pub const DEFINITION: &'static TaskDefinition = &TaskDefinition::new(…).retries(3);
//!         pub async fn untracked(url: &str) -> Result<Page> { … }
//!     }
//!     impl Task for fetch { … }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprLit, Lit, Token, Visibility};

use crate::attribute::Attribute;
use crate::expand::{Tracked, located};
use crate::registration;
use crate::signature::{Parameter, Returns, Role};
use crate::value::Value;

pub(crate) fn items(tracked: &Tracked) -> TokenStream {
    let structure = structure(tracked);
    let inherent = inherent(tracked);
    let implementation = implementation(tracked);
    let check = plain_return_check(tracked);
    quote!(#structure #inherent #implementation #check)
}

/// Braces keep the name free for variables: `let fetch = fetch(url).await?`.
fn structure(tracked: &Tracked) -> TokenStream {
    let (name, visibility) = (tracked.name(), &tracked.function.visibility);
    let conditions = tracked.function.conditions();
    let doc = format!(
        "The {} `{name}`: its definition, and its body as it was written.",
        tracked.attribute.noun()
    );
    quote_spanned! {tracked.span()=>
        #(#conditions)*
        #[doc = #doc]
        #[allow(
            dead_code,
            non_camel_case_types,
            unreachable_pub,
            reason = "the type stands beside the function and carries its name"
        )]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #visibility struct #name { _private: () }
    }
}

fn inherent(tracked: &Tracked) -> TokenStream {
    let (name, visibility) = (tracked.name(), &tracked.function.visibility);
    let conditions = tracked.function.conditions();
    let doc = format!("The {}'s name.", tracked.attribute.noun());
    let text = name_text(tracked);
    let handle = format_ident!("{}Definition", tracked.attribute.title());
    let library = &tracked.library;
    let definition = definition(tracked);
    let untracked = untracked(tracked);
    let defaults = tracked.signature.parameters.iter().filter_map(default_function);
    quote_spanned! {tracked.span()=>
        #(#conditions)*
        #[allow(unreachable_pub, reason = "as visible as the function itself")]
        impl #name {
            #[doc = #doc]
            #[allow(dead_code, reason = "not everyone asks")]
            #visibility const NAME: &'static str = #text;

            #[doc(hidden)]
            #[allow(deprecated, reason = "a deprecated flow can still be started by name")]
            #visibility const DEFINITION: &'static #library::__private::#handle = #definition;

            #untracked

            #(#defaults)*
        }
    }
}

/// The name users see: the option, or the function's own.
fn name_text(tracked: &Tracked) -> TokenStream {
    let own = tracked.function.name();
    match tracked.options.value("name") {
        Some(Value::Name(name)) => quote!(#name),
        _ => quote!(#own),
    }
}

fn definition(tracked: &Tracked) -> TokenStream {
    let library = &tracked.library;
    let handle = format_ident!("{}Definition", tracked.attribute.title());
    let key = format!("::{}", tracked.function.name());
    let name = name_text(tracked);
    let source = tracked.function.source_version();
    let settings = tracked.options.settings(library);
    let description = description(tracked);
    let registered = match tracked.attribute {
        Attribute::Flow => Some(registration::settings(tracked)),
        Attribute::Task | Attribute::Main => None,
    };
    quote_spanned! {tracked.span()=>
        &#library::__private::#handle::new(
            #name,
            ::core::concat!(::core::module_path!(), #key),
            #source,
        )
        #description
        #(#settings)*
        #registered
    }
}

/// The doc comment describes what no option does.
fn description(tracked: &Tracked) -> Option<TokenStream> {
    if tracked.options.value("description").is_some() {
        return None;
    }
    let documentation = tracked.function.documentation()?;
    Some(quote_spanned!(tracked.span()=> .description(#documentation)))
}

/// The body with its own signature, so that the compiler speaks of it as of any function.
fn untracked(tracked: &Tracked) -> TokenStream {
    let function = &tracked.function;
    // With emitted tokens at the front, the compiler does not call it unused a second time.
    let visibility = as_emitted(&function.visibility, tracked.span());
    let mut signature = function.plain_signature();
    signature.ident = Ident::new("untracked", tracked.span());
    signature.fn_token.span = tracked.span();
    signature.asyncness = signature.asyncness.map(|_| Token![async](tracked.span()));
    let (levels, attributes) = (function.lint_levels(), function.body_attributes());
    let body = &function.body;
    quote_spanned! {tracked.span()=>
        /// Runs the body as it was written: no run, no state, no cost.
        #[allow(
            clippy::missing_errors_doc,
            clippy::missing_panics_doc,
            clippy::must_use_candidate,
            clippy::needless_pass_by_value,
            clippy::too_many_arguments,
            clippy::unused_async,
            reason = "the shape of the function says how its runs are stored and where they run"
        )]
        #(#levels)*
        #(#attributes)*
        #visibility #signature #body
    }
}

fn as_emitted(visibility: &Visibility, span: Span) -> TokenStream {
    let tokens = visibility.to_token_stream().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// The default as a function of its own: one place for its errors, out of sight of the inputs.
fn default_function(parameter: &Parameter) -> Option<TokenStream> {
    let Role::Defaulted(value) = &parameter.role else {
        return None;
    };
    let (function, owned) = (parameter.default_function(), &parameter.owned);
    let value = match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            quote_spanned!(located(text)=> ::core::convert::Into::into(#text))
        }
        _ => quote!(#value),
    };
    Some(quote_spanned!(located(owned)=> fn #function() -> #owned { #value }))
}

fn implementation(tracked: &Tracked) -> TokenStream {
    let (name, library) = (tracked.name(), &tracked.library);
    let conditions = tracked.function.conditions();
    let role = format_ident!("{}", tracked.attribute.title());
    let handle = format_ident!("{role}Definition");
    let output = tracked.signature.returns.output(library);
    quote_spanned! {tracked.span()=>
        #(#conditions)*
        impl #library::definition::#role for #name {
            const NAME: &'static str = Self::NAME;
            type Output = #output;

            fn definition() -> &'static #library::__private::#handle {
                Self::DEFINITION
            }
        }
    }
}

/// Errors must be seen as errors, also when an alias hides them.
fn plain_return_check(tracked: &Tracked) -> Option<TokenStream> {
    let Returns::Plain(written) = &tracked.signature.returns else {
        return None;
    };
    let conditions = tracked.function.conditions();
    let library = &tracked.library;
    let sentence = format!(
        "this {} returns a `Result` under another name: end the alias in `Result` or write it out",
        tracked.attribute.noun()
    );
    let span = located(written);
    Some(quote_spanned! {span=>
        #(#conditions)*
        const _: () = {
            #[allow(unused_imports, reason = "a `Result` needs no other answer")]
            use #library::__private::Otherwise as _;
            ::core::assert!(!#library::__private::Probe::<#written>::IS_RESULT, #sentence);
        };
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use crate::attribute::Attribute::{Flow, Task};
    use crate::testing::{contains, emits, expanded};

    #[test]
    fn definition_says_what_the_options_said() {
        let says = |arguments: &str, snippet: &str| {
            let item = "fn load() -> Result<()> {}";
            assert!(emits(Task, arguments, item, snippet), "{arguments}");
        };

        says(
            "",
            "::flowkit::__private::TaskDefinition::new(\"load\", \
                  ::core::concat!(::core::module_path!(), \"::load\"),",
        );
        says(r#"name = "a load", version = "2""#, r#".version("2")"#);
        says(r#"name = "a load""#, r#"const NAME: &'static str = "a load";"#);
        says(r#"tags = ["io", "web"]"#, r#".tags(&["io", "web"])"#);
        says("retries = 3", ".retries(3)");
        let second = "::core::time::Duration::from_millis(1000u64)";
        let delay = "::flowkit::__private::Delay";
        says(
            r#"retries = 3, retry_delay = "1s""#,
            &format!(".retry_delay({delay}::Fixed({second}))"),
        );
        says(
            r#"retries = 3, retry_delay = ["1s", "1s"], retry_jitter = 1"#,
            &format!(".retry_delay({delay}::List(&[{second}, {second}])).retry_jitter(1.0)"),
        );
        says(
            r#"retries = 3, retry_delay = exponential("1s", max = "1s")"#,
            &format!(
                "{delay}::Exponential {{ first: {second}, max: ::core::option::Option::Some({second}) }}"
            ),
        );
        says(
            r#"retries = 3, retry_delay = exponential("1s")"#,
            &format!(
                "{delay}::Exponential {{ first: {second}, max: ::core::option::Option::None }}"
            ),
        );
        says("cache_key = source", ".cache(::flowkit::__private::Cache::Source)");
        says("cache_key = [source, inputs]", "::flowkit::__private::Cache::InputsAndSource");
        says("cache_key = own", "::flowkit::__private::Cache::Own");
        says(
            "on_failure = [a::tell, log]",
            ".on_failure(&[|event| ::flowkit::__private::hook(a::tell, event), \
             |event| ::flowkit::__private::hook(log, event)])",
        );
    }

    #[test]
    fn doc_comment_describes_unless_an_option_does() {
        let item = "/// Loads\n/// all of it.\nfn load() {}";

        assert!(emits(Task, "", item, r#".description("Loads\nall of it.")"#));
        let told = expanded(Task, r#"description = "told""#, item);
        assert!(contains(&told, r#".description("told")"#));
        assert!(!contains(&told, r#".description("Loads"#));
    }

    #[test]
    fn attributes_go_where_they_mean_something() {
        let item = "/// Loads.\n#[cfg(unix)] #[instrument] #[expect(unused)] #[deprecated] \
                    pub(crate) async fn load(mut n: u8, #[resource] http: &Client) { n += 1; }";
        let has = |snippet: &str| assert!(emits(Flow, "", item, snippet), "{snippet}");

        has("#[cfg(unix)] #[doc = \" Loads.\"] #[deprecated] #[allow(clippy");
        has("#[allow(unused)] pub(crate) fn load(");
        has("#[allow(unused)] #[instrument] \
             pub(crate) async fn untracked(mut n: u8, http: &Client) { n += 1; }");
        has("#[cfg(unix)] impl ::flowkit::definition::Flow for load {");
        has("#[cfg(unix)] ::flowkit::__private::inventory::submit!");
        has("pub(crate) struct load { _private: () }");
    }

    #[test]
    fn unfinished_body_is_kept_as_it_is() {
        let item = "async fn load(n: u8) { let x = n. }".parse().unwrap();
        let tokens = crate::expand::expand(Task, TokenStream::new(), &item);

        assert!(tokens.to_string().contains("{ let x = n . }"), "{tokens}");
    }
}
