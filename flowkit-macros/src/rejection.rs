//! What is wrong with the user's code, collected, so that one build shows all of it.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The rejections of one function, in the order of their discovery.
#[derive(Default)]
pub(crate) struct Rejections(Option<syn::Error>);

impl Rejections {
    pub(crate) fn add(&mut self, rejection: syn::Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(rejection),
            None => self.0 = Some(rejection),
        }
    }

    /// The value, or nothing and one more rejection.
    pub(crate) fn keep<T>(&mut self, outcome: syn::Result<T>) -> Option<T> {
        outcome.map_err(|rejection| self.add(rejection)).ok()
    }

    pub(crate) fn append(&mut self, later: Self) {
        if let Some(later) = later.0 {
            self.add(later);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl ToTokens for Rejections {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(syn::Error::to_compile_error));
    }
}

impl FromIterator<syn::Error> for Rejections {
    fn from_iter<T: IntoIterator<Item = syn::Error>>(rejections: T) -> Self {
        let mut found = Self::default();
        rejections.into_iter().for_each(|rejection| found.add(rejection));
        found
    }
}
