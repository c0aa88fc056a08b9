//! Every rejection that needs an understanding of the code: a list of sentences.
//! Each says what is allowed, at the token that is not.

pub(crate) mod function;
pub(crate) mod option;

use std::fmt::Display;

use quote::ToTokens;
use syn::Error;

fn refusal(tokens: impl ToTokens, sentence: impl Display) -> Error {
    Error::new_spanned(tokens, sentence)
}
