//! Looks at expansions as a compiler would: as items, with the sentences of its errors.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{File, Item, LitStr};

use crate::attribute::Attribute;
use crate::{expand, expand_main};

/// Expands `attribute(arguments)` on `item` into items that parse.
pub(crate) fn expanded(attribute: Attribute, arguments: &str, item: &str) -> File {
    let (arguments, item): (TokenStream, TokenStream) =
        (arguments.parse().unwrap(), item.parse().unwrap());
    let tokens = match attribute {
        Attribute::Task | Attribute::Flow => expand::expand(attribute, arguments, &item),
        Attribute::Main => expand_main::expand(arguments, &item),
    };
    syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"))
}

/// What the compiler is told to say about them.
pub(crate) fn sentences(file: &File) -> Vec<String> {
    let sentence = |item: &Item| match item {
        Item::Macro(it) if it.mac.path.segments.last()?.ident == "compile_error" => {
            Some(it.mac.parse_body::<LitStr>().unwrap().value())
        }
        _ => None,
    };
    file.items.iter().filter_map(sentence).collect()
}

/// The one sentence that such code is refused with.
pub(crate) fn refusal(attribute: Attribute, arguments: &str, item: &str) -> String {
    let mut sentences = sentences(&expanded(attribute, arguments, item));
    assert_eq!(sentences.len(), 1, "{sentences:?}");
    sentences.remove(0)
}

/// Whether accepted code expands to something that contains this text.
pub(crate) fn emits(attribute: Attribute, arguments: &str, item: &str, snippet: &str) -> bool {
    let file = expanded(attribute, arguments, item);
    assert_eq!(sentences(&file), Vec::<String>::new());
    contains(&file, snippet)
}

/// Whether the expansion contains this text; white space does not count.
pub(crate) fn contains(file: &File, snippet: &str) -> bool {
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    dense(&file.to_token_stream().to_string()).contains(&dense(snippet))
}
