//! From the attribute and the function to the items they become.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

use crate::attribute::Attribute;
use crate::function::Function;
use crate::option::Options;
use crate::rejection::Rejections;
use crate::signature::Signature;
use crate::{call, definition, fallback, registration, valid};

/// A function that can be a task or a flow, with all that its items are made from.
pub(crate) struct Tracked {
    pub(crate) attribute: Attribute,
    pub(crate) function: Function,
    pub(crate) signature: Signature,
    pub(crate) options: Options,
    /// Where the library is.
    pub(crate) library: TokenStream,
}

/// Expands `#[task]` and `#[flow]`; wrong options are left out, so that the rest stays usable.
pub(crate) fn expand(
    attribute: Attribute,
    arguments: TokenStream,
    item: &TokenStream,
) -> TokenStream {
    let function = match fallback::function(attribute, item) {
        Ok(function) => function,
        Err(untouched) => return untouched,
    };
    let mut rejections = Rejections::default();
    let options = Options::parse(attribute, arguments, &mut rejections);
    let Some(signature) = Signature::read(attribute, &function, &mut rejections) else {
        return fallback::untracked(&function, &rejections);
    };
    rejections.append(valid::option::needs(&options, &function, &signature));
    let library = options.library(located(&function.signature.ident));
    let tracked = Tracked { attribute, function, signature, library, options };
    let items = tracked.items();
    quote!(#items #rejections)
}

impl Tracked {
    fn items(&self) -> TokenStream {
        let call = call::function(self);
        let definition = definition::items(self);
        let registration = match self.attribute {
            Attribute::Flow => Some(registration::item(self)),
            Attribute::Task | Attribute::Main => None,
        };
        quote!(#call #definition #registration)
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.function.signature.ident
    }

    /// Where errors about emitted code are shown: at the function's name.
    pub(crate) fn span(&self) -> Span {
        located(self.name())
    }
}

/// Emitted code that is shown at the place of something the user wrote.
pub(crate) fn located(at: &impl Spanned) -> Span {
    Span::call_site().located_at(at.span())
}

/// The same tokens, shown at another place; what they mean stays.
pub(crate) fn moved(tokens: &impl ToTokens, place: Span) -> TokenStream {
    let tokens = tokens.to_token_stream().into_iter().map(|mut token| {
        token.set_span(place.resolved_at(token.span()));
        token
    });
    tokens.collect()
}
