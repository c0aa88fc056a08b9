//! The attributes of flowkit; use them through `flowkit` itself.

mod attribute;
mod call;
mod definition;
mod duration;
mod expand;
mod expand_main;
mod extras;
mod fallback;
mod flaw;
mod function;
mod nearest;
mod option;
mod reader;
mod registration;
mod rejection;
mod shape;
mod signature;
mod template;
#[cfg(test)]
mod testing;
mod valid;
mod value;

use proc_macro::TokenStream;

use crate::attribute::Attribute;

/// Makes a task of a function.
#[proc_macro_attribute]
pub fn task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Attribute::Task, arguments.into(), &item.into()).into()
}

/// Makes a flow of a function.
#[proc_macro_attribute]
pub fn flow(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Attribute::Flow, arguments.into(), &item.into()).into()
}

/// Makes a main function.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand_main::expand(arguments.into(), &item.into()).into()
}
