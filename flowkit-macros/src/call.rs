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
        #visibility #keyword #name #markers(#(#parameters),*) -> #library::#handle<#output #close
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
            Role::Input => quote_spanned!(located(owned)=> #name: impl #library::IntoInput<#owned>),
            Role::Defaulted(_) => {
                quote_spanned!(located(owned)=> #name: impl #library::IntoInputOr<#owned, #marker>)
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
