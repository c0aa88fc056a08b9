//! Answers with events that were kept.

use serde::{Deserialize, Serialize};

use super::Local;
use crate::api::Answer;
use crate::store::Tx;
use crate::store::event::{self, Place};
use crate::wire::{EventFilter, EventPage, FilterEvents, ReadNextEvents};
use crate::{Error, Result};

/// How many events are read at a time, and how many are looked at for one answer.
const BATCH: u32 = 500;
const MOST: usize = 20_000;

impl Answer<FilterEvents> for Local {
    async fn answer(&self, FilterEvents { filter, limit }: FilterEvents) -> Result<EventPage> {
        let search = Search { filter, limit: limit.into(), behind: None, total: None };
        self.store.scan(async move |tx: &mut Tx<'_>| search.page(tx).await).await
    }
}

impl Answer<ReadNextEvents> for Local {
    async fn answer(&self, ReadNextEvents { page_token }: ReadNextEvents) -> Result<EventPage> {
        let search = Search::from_token(&page_token).ok_or_else(|| {
            Error::refused("there is no such page of events; pages are named by the one before")
        })?;
        self.store.scan(async move |tx: &mut Tx<'_>| search.page(tx).await).await
    }
}

/// A list of events and how far it was read; its token is its JSON in hexadecimal.
#[derive(Clone, Serialize, Deserialize)]
struct Search {
    filter: EventFilter,
    limit: u32,
    behind: Option<Place>,
    /// How many there are, once that was counted.
    total: Option<u64>,
}

impl Search {
    async fn page(self, tx: &mut Tx<'_>) -> Result<EventPage> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut events = Vec::new();
        let (mut place, mut next, mut found, mut looked) = (self.behind, None, 0, 0);
        'all: loop {
            let batch = event::candidates(tx, &self.filter, place, BATCH).await?;
            let is_last = batch.len() < BATCH as usize;
            looked += batch.len();
            for candidate in batch {
                let before = place.replace((candidate.event.occurred, candidate.event.id));
                if !self.filter.includes(&candidate.event) {
                    continue;
                }
                found += 1;
                if events.len() < limit {
                    events.push(candidate);
                } else if limit > 0 && next.is_none() {
                    next = before;
                    if self.total.is_some() {
                        break 'all;
                    }
                }
            }
            if is_last {
                break;
            }
            if looked >= MOST {
                next = next.or(place);
                break;
            }
        }
        let total = self.total.unwrap_or(found);
        let next_page =
            next.map(|behind| Self { behind: Some(behind), total: Some(total), ..self }.to_token());
        Ok(EventPage { events, total, next_page })
    }

    fn to_token(&self) -> String {
        // Our own types cannot fail to be written.
        let json = serde_json::to_vec(self).unwrap_or_default();
        json.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn from_token(token: &str) -> Option<Self> {
        let digits = token.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let json: Option<Vec<u8>> = digits.map(byte).collect();
        serde_json::from_slice(&json?).ok()
    }
}
