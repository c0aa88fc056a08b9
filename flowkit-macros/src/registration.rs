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

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Task};
    use crate::testing::emits;

    #[test]
    fn flow_describes_its_inputs_and_can_be_started_by_name() {
        let item = "fn etl(day: &str, #[default(10)] limit: u32, #[resource] http: Client) {}";
        let has = |snippet: &str| assert!(emits(Flow, "", item, snippet), "{snippet}");

        has("::flowkit::__describe!(\"day\", ::std::string::String)");
        has("::flowkit::__describe!(\"limit\", u32, default etl::default_limit())])");
        has(".execute(|parameters| ::core::result::Result::Ok(::flowkit::__private::erase(etl(\
             ::flowkit::__parameter!(parameters, \"day\", ::std::string::String)");
        has("::flowkit::__parameter!(parameters, \"limit\", u32, default etl::default_limit())");
        has("::flowkit::__parameter!(resource parameters, \"http\", Client)");
        has("::flowkit::__private::inventory::submit! { \
             ::flowkit::__private::Registration(etl::DEFINITION) }");
    }

    #[test]
    fn task_is_not_registered() {
        assert!(!emits(Task, "", "fn load() {}", "inventory"));
        assert!(!emits(Task, "", "fn load() {}", "execute"));
    }
}
