//! Values that must never be read by people: how they are held, and how they are kept out of text.
//!
//! [`Secret`] guards the value in our own hands. The registry guards the text that others write:
//! whoever learns a secret calls [`register`], whoever stores or shows text calls [`redact`].
//! Encryption at rest does not live here.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// What is shown in place of a secret.
pub const MASK: &str = "********";

/// Shorter values would mask half of every text and protect nothing.
const SHORTEST: usize = 4;

static ANY: AtomicBool = AtomicBool::new(false);
static REGISTERED: RwLock<Vec<Box<str>>> = RwLock::new(Vec::new());

/// A string that shows itself as [`MASK`] wherever it is printed.
///
/// ```
/// let key = flowkit::secret::Secret::new("pnu_1234");
/// assert_eq!(format!("{key} {key:?}"), "******** ********");
/// assert_eq!(key.expose(), "pnu_1234");
/// ```
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a value that must not be shown.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into().into_boxed_str())
    }

    /// The value itself, for the one place that has to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Makes [`redact`] hide this value from now on, in the whole process.
///
/// Values of fewer than four characters are ignored.
pub fn register(value: &str) {
    if value.chars().count() < SHORTEST {
        return;
    }
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    if !registered.iter().any(|known| **known == *value) {
        registered.push(value.into());
        ANY.store(true, Ordering::Release);
    }
}

/// The text with every registered value replaced by [`MASK`].
///
/// Costs one atomic load while nothing is registered.
///
/// ```
/// use flowkit::secret;
///
/// secret::register("hunter22");
/// assert_eq!(secret::redact("login hunter22 ok"), "login ******** ok");
/// ```
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    if !ANY.load(Ordering::Acquire) {
        return Cow::Borrowed(text);
    }
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    mask(text, &registered)
}

/// Masks every occurrence, overlapping ones as one, so that no tail of a longer secret stays behind.
fn mask<'a>(text: &'a str, values: &[Box<str>]) -> Cow<'a, str> {
    let mut found: Vec<Range<usize>> =
        values.iter().flat_map(|value| occurrences(text, value)).collect();
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_unstable_by_key(|range| range.start);

    let mut masked = String::with_capacity(text.len());
    let mut shown_to = 0;
    for range in found {
        if range.start > shown_to || masked.is_empty() {
            masked.push_str(&text[shown_to..range.start]);
            masked.push_str(MASK);
        }
        shown_to = shown_to.max(range.end);
    }
    masked.push_str(&text[shown_to..]);
    Cow::Owned(masked)
}

/// Where the value stands in the text, overlapping itself too ("abab" twice in "ababab").
fn occurrences<'a>(text: &'a str, value: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let step = value.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text.get(from..)?.find(value)?;
        from = start + step;
        Some(start..start + value.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxed(values: &[&str]) -> Vec<Box<str>> {
        values.iter().map(|&value| value.into()).collect()
    }

    #[test]
    fn text_without_a_secret_is_not_copied() {
        assert!(matches!(mask("nothing to see", &boxed(&["hunter22"])), Cow::Borrowed(_)));
    }

    #[test]
    fn overlapping_secrets_leave_no_tail() {
        assert_eq!(mask("xabcdefx", &boxed(&["abcd", "cdef"])), "x********x");
        assert_eq!(mask("ababab!", &boxed(&["abab"])), "********!");
        assert_eq!(mask("token-long", &boxed(&["token", "token-long"])), MASK);
    }

    #[test]
    fn registered_value_is_hidden_and_a_short_one_is_not() {
        register("s3cr3t-of-this-test");
        register("abc");

        assert_eq!(redact("a s3cr3t-of-this-test b"), "a ******** b");
        assert_eq!(redact("abc"), "abc");
    }

    proptest! {
        #[test]
        fn no_secret_survives_and_nothing_else_is_lost(
            values in prop::collection::vec("[a-cé]{4,6}", 1..4),
            parts in prop::collection::vec(("[a-cé ]{0,5}", any::<prop::sample::Index>()), 0..6),
        ) {
            let text: String = parts
                .iter()
                .map(|(plain, index)| format!("{plain}{}", index.get(&values)))
                .collect();
            let values: Vec<Box<str>> = values.into_iter().map(String::into_boxed_str).collect();

            let masked = mask(&text, &values);

            for value in &values {
                prop_assert!(!masked.contains(&**value));
            }
            let mut rest = text.as_str();
            for kept in masked.split(MASK).filter(|kept| !kept.is_empty()) {
                let at = rest.find(kept);
                prop_assert!(at.is_some(), "{kept:?} is not from {text:?}");
                rest = &rest[at.unwrap_or_default() + kept.len()..];
            }
        }
    }
}
