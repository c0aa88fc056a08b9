//! Search: words that are looked for in what people read.

use serde::{Deserialize, Serialize};

/// Words to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Words, of which one must be there. Quotes hold words together, a minus before a word means
    /// that it must not be there.
    #[serde(deserialize_with = "crate::model::or_default")]
    pub query: String,
}

/// A word that is looked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Whether it must not be there.
    pub(crate) is_unwanted: bool,
}

impl Search {
    /// Its words; `!` counts as a minus, too.
    pub(crate) fn words(&self) -> Vec<Word> {
        let mut words = Vec::new();
        let mut rest = self.query.trim_start();
        while !rest.is_empty() {
            let bare = rest.strip_prefix(['-', '!']);
            let is_unwanted = bare.is_some();
            let bare = bare.unwrap_or(rest);
            let (word, after) = match bare.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => bare.split_once(char::is_whitespace).unwrap_or((bare, "")),
            };
            if !word.is_empty() {
                words.push(Word { text: word.to_owned(), is_unwanted });
            }
            rest = after.trim_start();
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_has_words_quotes_and_exclusions() {
        let query = r#"  error "disk is full" -debug !"not this" - "open"#.to_owned();
        let word = |text: &str, is_unwanted| Word { text: text.into(), is_unwanted };
        let expected = [
            word("error", false),
            word("disk is full", false),
            word("debug", true),
            word("not this", true),
            word("open", false),
        ];
        assert_eq!(Search { query }.words(), expected);
    }
}
