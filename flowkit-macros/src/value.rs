//! What options were given, and the constants of the definition they become.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ExprPath, LitStr};

use crate::template::Template;

/// What an option was given.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    CacheKey(CacheKey),
    /// A constant expression.
    Constant(TokenStream),
    Name(LitStr),
    Path(ExprPath),
    Paths(Vec<ExprPath>),
    /// A constant expression that begins with a name of the library's private module.
    Private(TokenStream),
    Template(Template),
    Text(LitStr),
}

/// What makes two calls of a task the same one.
#[derive(Clone, Debug)]
pub(crate) enum CacheKey {
    Inputs,
    Source,
    InputsAndSource,
    Own(ExprPath),
}

impl Value {
    /// The expression the definition is told; nothing for a value that only a call needs.
    pub(crate) fn constant(&self, library: &TokenStream) -> Option<TokenStream> {
        match self {
            Self::CacheKey(key) => {
                let key = key.variant();
                Some(quote!(#library::__private::Cache::#key))
            }
            Self::Constant(constant) => Some(constant.clone()),
            Self::Paths(paths) => {
                Some(quote!(&[#(|event| #library::__private::hook(#paths, event)),*]))
            }
            Self::Private(constant) => Some(quote!(#library::__private::#constant)),
            Self::Text(text) => Some(quote!(#text)),
            Self::Name(_) | Self::Path(_) | Self::Template(_) => None,
        }
    }
}

impl CacheKey {
    fn variant(&self) -> TokenStream {
        match self {
            Self::Inputs => quote!(Inputs),
            Self::Source => quote!(Source),
            Self::InputsAndSource => quote!(InputsAndSource),
            Self::Own(_) => quote!(Own),
        }
    }
}
