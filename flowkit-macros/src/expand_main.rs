//! The main function: it starts the runtime and hands its body to the library.
//!
//! ```text
//! Input:
//!     async fn main() -> Result<()> { … }
//!
//! Output:
//!     fn main() -> ExitCode {
//!         async fn body() -> Result<()> { … }
//!         flowkit::__private::main(MainOptions::new(env!("CARGO_PKG_VERSION")), body)
//!     }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::attribute::Attribute;
use crate::expand::located;
use crate::function::Function;
use crate::option::Options;
use crate::rejection::Rejections;
use crate::{fallback, valid};

/// Expands `#[main]`; a main function that is none is emptied, so that the program still has one.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let function = match fallback::function(Attribute::Main, item) {
        Ok(function) => function,
        Err(untouched) => return untouched,
    };
    let mut rejections = valid::function::form(Attribute::Main, &function.signature);
    rejections.keep(valid::function::no_parameters(&function.signature));
    if !rejections.is_empty() {
        return empty(&function, &rejections);
    }
    let options = Options::parse(Attribute::Main, arguments, &mut rejections);
    let main = main(&function, &options);
    quote!(#main #rejections)
}

fn main(function: &Function, options: &Options) -> TokenStream {
    let (visibility, name, body) =
        (&function.visibility, &function.signature.ident, &function.body);
    let (conditions, notices) = (function.conditions(), function.notices());
    let (levels, attributes) = (function.lint_levels(), function.body_attributes());
    let span = located(name);
    let library = options.library(span);
    let settings = options.settings(&library);
    let enter = match function.signature.asyncness {
        Some(_) => format_ident!("main"),
        None => format_ident!("main_blocking"),
    };
    let mut signature = function.signature.clone();
    signature.ident = Ident::new("body", Span::mixed_site());
    let inner = signature.ident.clone();
    quote_spanned! {span=>
        #(#conditions)*
        #(#notices)*
        #visibility fn #name() -> ::std::process::ExitCode {
            #[allow(clippy::unused_async, reason = "an async body runs on the runtime")]
            #(#levels)*
            #(#attributes)*
            #signature #body

            #library::__private::#enter(
                #library::__private::MainOptions::new(::core::env!("CARGO_PKG_VERSION"))
                    #(#settings)*,
                #inner,
            )
        }
    }
}

fn empty(function: &Function, rejections: &Rejections) -> TokenStream {
    let (visibility, name) = (&function.visibility, &function.signature.ident);
    quote! {
        #visibility fn #name() {}
        #rejections
    }
}

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::Main;
    use crate::testing::{contains, emits, expanded};

    #[test]
    fn main_enters_the_library() {
        let has = |arguments: &str, item: &str, snippet: &str| {
            assert!(emits(Main, arguments, item, snippet), "{snippet}");
        };

        let item = "async fn main() -> Result<(), E> { run().await }";
        has("", item, "fn main() -> ::std::process::ExitCode {");
        has("", item, "async fn body() -> Result<(), E> { run().await }");
        let options = "::flowkit::__private::MainOptions::new(::core::env!(\"CARGO_PKG_VERSION\"))";
        has("", item, &format!("::flowkit::__private::main({options}, body,)"));
        has("worker_threads = 2", item, ".worker_threads(2), body,)");
        has("", "fn start() {}", "fn start() -> ::std::process::ExitCode {");
        has("", "fn start() {}", &format!("::flowkit::__private::main_blocking({options}, body,)"));
        has("crate = crate", item, "crate::__private::main(crate::__private::MainOptions");
    }

    #[test]
    fn wrong_main_is_still_a_main() {
        let file = expanded(Main, "", "async fn main(arguments: Vec<String>) { run() }");
        assert!(contains(&file, "fn main() {}"));
    }
}
