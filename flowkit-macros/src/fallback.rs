//! What is emitted for code that cannot be expanded: as much of it as still makes sense, so that
//! the user reads one error and not forty.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attribute::Attribute;
use crate::function::Function;
use crate::rejection::Rejections;

/// The function under the attribute; anything else stays as it is, beside the rejection.
pub(crate) fn function(attribute: Attribute, item: &TokenStream) -> Result<Function, TokenStream> {
    syn::parse2(item.clone()).map_err(|_| {
        let sentence = format!("{attribute} stands on a function with a body");
        let rejection = syn::Error::new_spanned(item, sentence).to_compile_error();
        quote!(#item #rejection)
    })
}

/// The function as plain Rust, with a type of its name beside it.
pub(crate) fn untracked(function: &Function, rejections: &Rejections) -> TokenStream {
    let Function { attributes, visibility, body, .. } = function;
    let signature = function.plain_signature();
    let structure = structure(function);
    quote! {
        #(#attributes)*
        #visibility #signature #body
        #structure
        #rejections
    }
}

/// A method has no room for a type beside it.
fn structure(function: &Function) -> Option<TokenStream> {
    if function.signature.receiver().is_some() {
        return None;
    }
    let (visibility, name) = (&function.visibility, &function.signature.ident);
    Some(quote! {
        #[doc(hidden)]
        #[allow(
            dead_code,
            missing_debug_implementations,
            non_camel_case_types,
            reason = "it only stands in for what could not be made"
        )]
        #visibility struct #name { _private: () }
    })
}

#[cfg(test)]
mod tests {
    use crate::attribute::Attribute::{Flow, Task};
    use crate::testing::{contains, expanded, refusal};

    #[test]
    fn attribute_stands_on_a_function() {
        let sentence = "`#[task]` stands on a function with a body";
        assert_eq!(refusal(Task, "", "struct Load;"), sentence);
        assert_eq!(refusal(Task, "", "fn load();"), sentence);
    }

    #[test]
    fn refused_function_stays_a_function() {
        let file = expanded(Flow, "", "pub async fn load<T>(#[resource] rows: T) { rows.go() }");

        assert!(contains(&file, "pub async fn load<T>(rows: T) { rows.go() }"));
        assert!(contains(&file, "pub struct load { _private: () }"));
    }

    #[test]
    fn refused_method_stays_a_method() {
        let file = expanded(Task, "", "fn load(&self) {}");

        assert!(contains(&file, "fn load(&self) {}"));
        assert!(!contains(&file, "struct load"));
    }
}
