//! The function people call: it hands inputs and body to the library and returns a call.
//!
//! ```text
//! Input:
//!     pub async fn fetch(url: &str, #[resource] http: Client) -> Result<Page> { … }
//!
//! Output:
//!     pub fn fetch(url: impl IntoInput<String>, http: impl Into<Client>) -> TaskCall<Page> {
//!         task_call(
//!             fetch::DEFINITION,
//!             __codec!(Page),
//!             (__input!(borrowed "url", String, url), __input!(resource "http", Client, http)),
//!             Extras::none(),
//!             |(url, http)| async move {
//!                 __outcome!(result Result<Page>, fetch::untracked(&url, http).await)
//!             },
//!         )
//!     }
//! ```

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Token;

use crate::expand::{Tracked, located};
use crate::extras;
use crate::signature::{Parameter, Returns, Role};

pub(crate) fn function(tracked: &Tracked) -> TokenStream {
    let Tracked { function, library, .. } = tracked;
    let (name, visibility) = (tracked.name(), &function.visibility);
    let keyword = &function.signature.fn_token;
    // With the user's tokens at all ends, the compiler judges the function as the user's own.
    let close = Token![>](name.span());
    let (conditions, notices) = (function.conditions(), function.notices());
    let levels = function.lint_levels();
    let (markers, parameters) = (markers(tracked), parameters(tracked));
    let handle = format_ident!("{}Call", tracked.attribute.title());
    let output = tracked.signature.returns.output(library);
    let mut block = Group::new(Delimiter::Brace, call(tracked, &output));
    block.set_span(function.body.span());
    quote_spanned! {tracked.span()=>
        #(#conditions)*
        #(#notices)*
        #[allow(
            clippy::too_many_arguments,
            clippy::used_underscore_binding,
            reason = "the parameters are those of the body, where they are judged"
        )]
        #(#levels)*
        #visibility #keyword #name #markers(#(#parameters),*) -> #library::call::#handle<#output #close
        #block
    }
}

fn call(tracked: &Tracked, output: &TokenStream) -> TokenStream {
    let library = &tracked.library;
    let name = tracked.name();
    let enter = format_ident!("{}_call", tracked.attribute.noun());
    let inputs = tracked.signature.parameters.iter().map(|it| input(tracked, it));
    let (extras, body) = (extras::value(tracked), body(tracked));
    quote_spanned! {tracked.span()=>
        #library::__private::#enter(
            #name::DEFINITION,
            #library::__codec!(#output),
            (#(#inputs,)*),
            #extras,
            #body,
        )
    }
}

/// One type parameter for each default, by which the library tells a value from none.
fn markers(tracked: &Tracked) -> Option<TokenStream> {
    let markers = tracked.signature.parameters.iter().enumerate();
    let markers: Vec<_> = markers
        .filter(|(_, it)| matches!(it.role, Role::Defaulted(_)))
        .map(|(place, _)| marker(place))
        .collect();
    (!markers.is_empty()).then(|| quote!(<#(#markers),*>))
}

fn marker(place: usize) -> Ident {
    format_ident!("__M{place}")
}

fn parameters(tracked: &Tracked) -> impl Iterator<Item = TokenStream> {
    let library = &tracked.library;
    let parameters = tracked.signature.parameters.iter().enumerate();
    parameters.map(move |(place, parameter)| {
        let Parameter { name, owned, .. } = parameter;
        let marker = marker(place);
        match parameter.role {
            Role::Input => quote_spanned!(located(owned)=> #name: impl #library::call::IntoInput<#owned>),
            Role::Defaulted(_) => {
                quote_spanned!(located(owned)=> #name: impl #library::call::IntoInputOr<#owned, #marker>)
            }
            Role::Resource => {
                quote_spanned!(located(owned)=> #name: impl ::core::convert::Into<#owned>)
            }
        }
    })
}

fn input(tracked: &Tracked, parameter: &Parameter) -> TokenStream {
    let library = &tracked.library;
    let Parameter { name, owned, .. } = parameter;
    let label = parameter.label();
    let default = parameter.default(tracked.name()).into_iter();
    let passing = match (&parameter.role, parameter.borrowed) {
        (Role::Input, false) => quote!(owned),
        (Role::Input, true) => quote!(borrowed),
        (Role::Defaulted(_), false) => quote!(default),
        (Role::Defaulted(_), true) => quote!(borrowed_default),
        (Role::Resource, _) => quote!(resource),
    };
    quote_spanned!(located(owned)=>
        #library::__input!(#passing #label, #owned, #name #(, #default)*)
    )
}

/// The closure that runs the body once; the library calls it for every attempt.
fn body(tracked: &Tracked) -> TokenStream {
    let Tracked { library, signature, .. } = tracked;
    let name = tracked.name();
    let pattern = pattern(tracked, |_| true);
    let arguments = signature.parameters.iter().map(Parameter::argument);
    let span = tracked.span();
    let run = quote_spanned!(span=> #name::untracked(#(#arguments),*));
    if tracked.function.signature.asyncness.is_some() {
        let outcome = outcome(tracked, &quote_spanned!(span=> #run.await));
        quote_spanned!(span=> |#pattern| async move { #outcome })
    } else {
        let outcome = outcome(tracked, &run);
        quote_spanned!(span=> |#pattern| #library::__private::blocking(move || #outcome))
    }
}

fn outcome(tracked: &Tracked, run: &TokenStream) -> TokenStream {
    let library = &tracked.library;
    let span = tracked.span();
    let retry_if = tracked.options.path("retry_if").into_iter();
    match &tracked.signature.returns {
        Returns::Nothing => quote_spanned!(span=> #library::__outcome!(plain (), #run)),
        Returns::Plain(written) => {
            quote_spanned!(span=> #library::__outcome!(plain #written, #run))
        }
        Returns::Fallible(written) => {
            quote_spanned!(span=>
                #library::__outcome!(result #written, #run #(, retry_if = #retry_if)*)
            )
        }
    }
}

/// A tuple pattern over all parameters that names the wanted ones.
pub(crate) fn pattern(tracked: &Tracked, wanted: impl Fn(&Parameter) -> bool) -> TokenStream {
    let parameters = tracked.signature.parameters.iter();
    let slots = parameters.map(|parameter| {
        if wanted(parameter) { parameter.name.to_token_stream() } else { quote!(_) }
    });
    quote!((#(#slots,)*))
}

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Task};
    use crate::testing::emits;

    const FETCH: &str = "pub async fn fetch(url: &str, limit: u32, #[resource] http: Client) \
                         -> anyhow::Result<Vec<Row>> { todo!() }";

    #[test]
    fn parameter_takes_what_becomes_its_owned_type() {
        let takes = |parameter: &str, owned: &str| {
            let item = format!("fn load(x: {parameter}) {{}}");
            let snippet = format!("fn load(x: impl ::flowkit::call::IntoInput<{owned}>)");
            assert!(emits(Task, "", &item, &snippet), "{parameter}");
        };

        takes("Date", "Date");
        takes("&Date", "Date");
        takes("&str", "::std::string::String");
        takes("&[Row]", "::std::vec::Vec<Row>");
        takes("&Path", "::std::path::PathBuf");
        takes("&std::path::Path", "::std::path::PathBuf");
        takes("&kurbo::Path", "kurbo::Path");
        takes("Option<&'static str>", "Option<&'static str>");
    }

    #[test]
    fn call_hands_over_inputs_and_body() {
        let has = |snippet: &str| assert!(emits(Task, "", FETCH, snippet), "{snippet}");

        has("http: impl ::core::convert::Into<Client>) -> ::flowkit::call::TaskCall<Vec<Row>>");
        has("::flowkit::__private::task_call(fetch::DEFINITION, ::flowkit::__codec!(Vec<Row>),");
        has("::flowkit::__input!(borrowed \"url\", ::std::string::String, url)");
        has("::flowkit::__input!(owned \"limit\", u32, limit)");
        has("::flowkit::__input!(resource \"http\", Client, http)");
        has("::flowkit::__private::Extras::none(), |(url, limit, http,)| async move {");
        has("::flowkit::__outcome!(result anyhow::Result<Vec<Row>>, \
             fetch::untracked(&url, limit, http).await)");
    }

    #[test]
    fn sync_body_runs_where_it_may_block() {
        let snippet = "|(n,)| ::flowkit::__private::blocking(move || \
                       ::flowkit::__outcome!(plain u8, load::untracked(n)))";
        assert!(emits(Task, "", "fn load(n: u8) -> u8 { n }", snippet));
    }

    #[test]
    fn default_lets_a_call_leave_the_value_out() {
        let item = "fn load(day: Date, #[default(10)] limit: u32, #[default(\"x\")] y: &str) {}";
        let has = |snippet: &str| assert!(emits(Flow, "", item, snippet), "{snippet}");

        has("fn load<__M1, __M2>(day: impl ::flowkit::call::IntoInput<Date>");
        has("limit: impl ::flowkit::call::IntoInputOr<u32, __M1>");
        has("::flowkit::__input!(default \"limit\", u32, limit, load::default_limit())");
        has("__input!(borrowed_default \"y\", ::std::string::String, y, load::default_y())");
        has("fn default_limit() -> u32 { 10 }");
        has("fn default_y() -> ::std::string::String { ::core::convert::Into::into(\"x\") }");
    }

    #[test]
    fn returned_type_says_whether_a_body_can_fail() {
        let returns = |returned: &str, snippet: &str| {
            let item = format!("async fn load() -> {returned} {{ todo!() }}");
            assert!(emits(Task, "", &item, snippet), "{returned}");
        };

        returns("()", "-> ::flowkit::call::TaskCall<()>");
        returns("Result<u8, E>", "-> ::flowkit::call::TaskCall<u8>");
        returns("io::Result<u8>", "__outcome!(result io::Result<u8>,");
        returns("fmt::Result", "TaskCall<<fmt::Result as ::flowkit::__private::Fallible>::Ok>");
        returns("LoadResult<u8>", "TaskCall<<LoadResult<u8> as ::flowkit::__private::Fallible>");
        returns("Outcome<u8>", "Probe::<Outcome<u8>>::IS_RESULT");
    }

    #[test]
    fn raw_name_is_shown_without_its_mark() {
        let item = "fn r#loop(r#type: u8) {}";
        let has = |snippet: &str| assert!(emits(Task, "run_name = \"{type}\"", item, snippet));

        has("::flowkit::__input!(owned \"type\", u8, r#type)");
        has("::flowkit::__private::TaskDefinition::new(\"loop\",");
    }

    #[test]
    fn library_can_be_elsewhere() {
        let has = |snippet: &str| assert!(emits(Task, "crate = crate", "fn load() {}", snippet));

        has("-> crate::call::TaskCall<()> { crate::__private::task_call(");
        has("impl crate::definition::Task for load");
    }
}
