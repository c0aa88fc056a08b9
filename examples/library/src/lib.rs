//! Two tasks and a flow that other programs use; see the example `compose`.
//!
//! A library depends on `flowkit` without its default features: which database runs are kept in
//! is for the program to say.

use flowkit::prelude::*;

/// Cuts a text into words, in lower case.
#[task]
pub fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Finds the longest word, the first one if there are several.
#[task]
pub fn longest(words: &[String]) -> Option<String> {
    words.iter().rev().max_by_key(|word| word.chars().count()).cloned()
}

/// Counts the words of a text and tells the longest one.
#[flow]
pub async fn survey(text: &str) -> flowkit::Result<usize> {
    let words = words(text).submit();
    if let Some(word) = longest(&words).await? {
        tracing::info!("The longest word is `{word}`");
    }
    Ok(words.await?.len())
}
