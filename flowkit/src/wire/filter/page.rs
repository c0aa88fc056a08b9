//! Page: which part of a long list is meant.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How many Prefect's API hands out at once.
const MOST: u32 = 200;

/// How many flowkit's own clients may ask for at once.
const MOST_OF_ALL: u32 = 10_000;

/// Which part of a long list is meant.
///
/// Prefect's API hands out 200 at most. Whoever knows that we can do more says so beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub struct Page {
    /// At most so many.
    pub limit: u32,
    /// After so many others.
    pub offset: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self::first(MOST)
    }
}

impl Page {
    /// The first `limit`.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, offset: 0 }
    }
}

/// A page as it travels.
#[derive(Serialize, Deserialize)]
struct Told {
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    offset: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flowkit_limit: Option<u32>,
}

impl From<Page> for Told {
    fn from(Page { limit, offset }: Page) -> Self {
        let flowkit_limit = (limit > MOST).then_some(limit.min(MOST_OF_ALL));
        Self { limit: Some(limit.min(MOST)), offset: Some(offset), flowkit_limit }
    }
}

impl TryFrom<Told> for Page {
    type Error = Error;

    fn try_from(told: Told) -> Result<Self> {
        let limit = told.limit.unwrap_or(MOST);
        if limit > MOST {
            return Err(Error::invalid(format!("the limit is {limit}, but {MOST} is the most")));
        }
        let limit = told.flowkit_limit.map_or(limit, |limit| limit.min(MOST_OF_ALL));
        Ok(Self { limit, offset: told.offset.unwrap_or(0) })
    }
}

/// A page of a list, and how long the list is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paginated<T> {
    /// What is on the page.
    pub results: Vec<T>,
    /// How many there are in all.
    pub count: u64,
    /// How many fit on a page.
    pub limit: u32,
    /// How many pages there are.
    pub pages: u64,
    /// Which page this is, counted from one.
    pub page: u32,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn more_than_prefect_hands_out_is_asked_for_beside() {
        let page = Page { limit: 1000, offset: 7 };
        let told = serde_json::to_value(page).expect("JSON");
        assert_eq!(told, json!({ "limit": 200, "offset": 7, "flowkit_limit": 1000 }));
        assert_eq!(serde_json::from_value::<Page>(told).expect("a page"), page);
    }

    #[test]
    fn too_much_or_too_little_is_refused() {
        for body in [json!({ "limit": 201 }), json!({ "limit": -1 }), json!({ "offset": -1 })] {
            assert!(serde_json::from_value::<Page>(body).is_err());
        }
        let page: Page = serde_json::from_value(json!({ "limit": null })).expect("a page");
        assert_eq!(page, Page::default());
    }
}
