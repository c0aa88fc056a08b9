//! How a flow is found and started by name: its parameters, and a call made from them.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use crate::expand::{Tracked, located};
use crate::signature::{Parameter, Role};

/// What the definition says about parameters, and how it makes a call of them.
pub(crate) fn settings(tracked: &Tracked) -> TokenStream {
    let (library, name) = (&tracked.library, tracked.name());
    let described = tracked.signature.inputs().map(|it| describe(tracked, it));
    let made = tracked.signature.parameters.iter().map(|it| parameter(tracked, it));
    let none = tracked.signature.parameters.is_empty();
    let given = if none { quote!(_) } else { quote!(parameters) };
    quote_spanned! {tracked.span()=>
        .parameters(&[#(#described),*])
        .execute(|#given| ::core::result::Result::Ok(
            #library::__private::erase(#name(#(#made),*))
        ))
    }
}

/// The link-time registration.
pub(crate) fn item(tracked: &Tracked) -> TokenStream {
    let (library, name) = (&tracked.library, tracked.name());
    let conditions = tracked.function.conditions();
    quote_spanned! {tracked.span()=>
        #(#conditions)*
        #library::__private::inventory::submit! {
            #library::__private::Registration(#name::DEFINITION)
        }
    }
}

fn describe(tracked: &Tracked, parameter: &Parameter) -> TokenStream {
    let (library, owned, label) = (&tracked.library, &parameter.owned, parameter.label());
    let default = parameter.default(tracked.name()).into_iter();
    quote_spanned!(located(owned)=> #library::__describe!(#label, #owned #(, default #default)*))
}

fn parameter(tracked: &Tracked, parameter: &Parameter) -> TokenStream {
    let (library, owned, label) = (&tracked.library, &parameter.owned, parameter.label());
    let default = parameter.default(tracked.name()).into_iter();
    let span = located(owned);
    match parameter.role {
        Role::Resource => {
            quote_spanned!(span=> #library::__parameter!(resource parameters, #label, #owned))
        }
        Role::Input | Role::Defaulted(_) => {
            quote_spanned!(span=> #library::__parameter!(parameters, #label, #owned #(, default #default)*))
        }
    }
}
