//! Event filter: which events are meant. The JSON is Prefect's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, Search};
use crate::Timestamp;
use crate::model::or_default;

/// Under which label a resource says which one it is, and which part it has.
const ID: &str = "prefect.resource.id";
const ROLE: &str = "prefect.resource.role";

/// Which events are meant; all parts are joined by "and".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventFilter {
    /// By when they happened.
    #[serde(deserialize_with = "or_default")]
    pub occurred: Occurred,
    /// By what happened.
    pub event: Option<EventName>,
    /// By what it happened to.
    pub resource: Option<ResourceFilter>,
    /// By what else had to do with it; each of them must be found.
    #[serde(deserialize_with = "or_default")]
    pub related: OneOrMany<RelatedFilter>,
    /// By all that had to do with it; each of them must be found.
    #[serde(deserialize_with = "or_default")]
    pub any_resource: OneOrMany<ResourceFilter>,
    /// By id.
    #[serde(deserialize_with = "or_default")]
    pub id: EventIds,
    /// By what they say.
    pub text: Option<Search>,
    /// In which order they are wanted.
    #[serde(deserialize_with = "or_default")]
    pub order: EventOrder,
}

/// A span of time; both ends belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Occurred {
    /// Not before this.
    pub since: Option<Timestamp>,
    /// Not after this.
    pub until: Option<Timestamp>,
}

/// What happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventName {
    /// Begins with one of these.
    pub prefix: Option<Vec<String>>,
    /// Begins with none of these.
    pub exclude_prefix: Option<Vec<String>>,
    /// Is one of these.
    pub name: Option<Vec<String>>,
    /// Is none of these.
    pub exclude_name: Option<Vec<String>>,
}

/// What something happened to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceFilter {
    /// Is one of these.
    pub id: Option<Vec<String>>,
    /// Begins with one of these.
    pub id_prefix: Option<Vec<String>>,
    /// Has such labels.
    pub labels: Option<Labels>,
}

/// What else has to do with an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RelatedFilter {
    /// Is one of these.
    pub id: Option<Vec<String>>,
    /// Has one of these parts.
    pub role: Option<Vec<String>>,
    /// Is one of these in that part.
    pub resources_in_roles: Option<Vec<(String, String)>>,
    /// Has such labels.
    pub labels: Option<Labels>,
}

/// Labels with the values of which one must be there. `*` stands for anything, `?` for a letter,
/// and `!` before one means any other.
pub type Labels = BTreeMap<String, OneOrMany<String>>;

/// Ids of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventIds {
    /// One of these.
    pub id: Option<Vec<Uuid>>,
}

/// The order of a list of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventOrder {
    /// The first first.
    Asc,
    /// The last first.
    #[default]
    Desc,
}

/// One, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// A list.
    Many(Vec<T>),
    /// One alone.
    One(T),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(many) => many,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

type Resource = BTreeMap<String, String>;

impl EventFilter {
    /// Says whether an event is meant.
    #[must_use]
    pub fn includes(&self, event: &Event) -> bool {
        let Occurred { since, until } = self.occurred;
        since.is_none_or(|since| event.occurred >= since)
            && until.is_none_or(|until| event.occurred <= until)
            && self.id.id.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&event.id))
            && self.event.as_ref().is_none_or(|name| name.includes(&event.event))
            && self.resource.as_ref().is_none_or(|wanted| wanted.includes(&event.resource))
            && self.related.as_slice().iter().all(|wanted| wanted.is_among(&event.related))
            && self.any_resource.as_slice().iter().all(|wanted| wanted.is_in(event))
            && self.text.as_ref().is_none_or(|text| text.finds(&said(event)))
    }
}

/// All that an event says, in lower case.
fn said(event: &Event) -> String {
    let mut text = event.event.to_lowercase();
    let resources = std::iter::once(&event.resource).chain(&event.related);
    for value in resources.flat_map(BTreeMap::values) {
        text.push(' ');
        text.push_str(&value.to_lowercase());
    }
    text.push(' ');
    text.push_str(&event.payload.get().to_lowercase());
    text
}

/// No list, or an empty one, excludes nothing.
fn is_one_of(list: Option<&Vec<String>>, is_it: impl Fn(&str) -> bool) -> bool {
    list.is_none_or(|list| list.is_empty() || list.iter().any(|one| is_it(one)))
}

fn is_none_of(list: Option<&Vec<String>>, is_it: impl Fn(&str) -> bool) -> bool {
    list.is_none_or(|list| !list.iter().any(|one| is_it(one)))
}

impl EventName {
    fn includes(&self, name: &str) -> bool {
        is_one_of(self.prefix.as_ref(), |prefix| name.starts_with(prefix))
            && is_none_of(self.exclude_prefix.as_ref(), |prefix| name.starts_with(prefix))
            && is_one_of(self.name.as_ref(), |wanted| name == wanted)
            && is_none_of(self.exclude_name.as_ref(), |unwanted| name == unwanted)
    }
}

impl ResourceFilter {
    fn includes(&self, resource: &Resource) -> bool {
        let id = resource.get(ID).map_or("", String::as_str);
        is_one_of(self.id.as_ref(), |wanted| id == wanted)
            && is_one_of(self.id_prefix.as_ref(), |prefix| id.starts_with(prefix))
            && self.labels.as_ref().is_none_or(|labels| has_labels(resource, labels))
    }

    fn is_in(&self, event: &Event) -> bool {
        std::iter::once(&event.resource).chain(&event.related).any(|found| self.includes(found))
    }
}

impl RelatedFilter {
    fn is_among(&self, related: &[Resource]) -> bool {
        *self == Self::default() || related.iter().any(|resource| self.includes(resource))
    }

    fn includes(&self, resource: &Resource) -> bool {
        let label = |name: &str| resource.get(name).map_or("", String::as_str);
        let (id, role) = (label(ID), label(ROLE));
        let pairs = self.resources_in_roles.as_ref().filter(|pairs| !pairs.is_empty());
        is_one_of(self.id.as_ref(), |wanted| id == wanted)
            && is_one_of(self.role.as_ref(), |wanted| role == wanted)
            && pairs.is_none_or(|pairs| pairs.iter().any(|pair| pair.0 == id && pair.1 == role))
            && self.labels.as_ref().is_none_or(|labels| has_labels(resource, labels))
    }
}

fn has_labels(resource: &Resource, labels: &Labels) -> bool {
    labels.iter().all(|(name, wanted)| {
        let value = resource.get(name);
        let is_such = |pattern: &String| value.is_some_and(|value| matches(pattern, value));
        wanted.as_slice().iter().any(is_such)
    })
}

/// Says whether a value is such as a pattern says.
fn matches(pattern: &str, value: &str) -> bool {
    match pattern.strip_prefix('!') {
        Some(unwanted) => !is_like(unwanted.as_bytes(), value.as_bytes()),
        None => is_like(pattern.as_bytes(), value.as_bytes()),
    }
}

/// Walks along both; at a mismatch the last `*` takes one more letter.
fn is_like(pattern: &[u8], value: &[u8]) -> bool {
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < value.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == value[place] => {
                at += 1;
                place += 1;
            }
            Some(_) | None => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, place) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event() -> Event {
        serde_json::from_value(json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "occurred": "2026-01-01T00:00:10Z",
            "event": "prefect.flow-run.Failed",
            "resource": { ID: "prefect.flow-run.1", "prefect.state-name": "Failed" },
            "related": [
                { ID: "prefect.flow.2", ROLE: "flow", "prefect.resource.name": "etl" },
                { ID: "prefect.tag.nightly", ROLE: "tag" },
            ],
            "payload": { "why": "The disk is full" },
        }))
        .expect("an event")
    }

    #[track_caller]
    fn check(filter: &Value, is_meant: bool) {
        let read: EventFilter = EventFilter::deserialize(filter).expect("a filter");
        assert_eq!(read.includes(&event()), is_meant, "{filter}");
    }

    #[test]
    fn events_are_found_by_each_part() {
        check(&json!({}), true);
        check(&json!({ "occurred": { "since": "2026-01-01T00:00:10Z" } }), true);
        check(&json!({ "occurred": { "until": "2026-01-01T00:00:09Z" } }), false);
        check(&json!({ "event": { "prefix": ["prefect.flow-run."], "name": null } }), true);
        check(&json!({ "event": { "exclude_prefix": ["prefect."] } }), false);
        check(&json!({ "event": { "name": ["prefect.flow-run.Running"] } }), false);
        check(&json!({ "event": { "exclude_name": ["prefect.flow-run.Failed"] } }), false);
        check(&json!({ "resource": { "id": ["prefect.flow-run.1"] } }), true);
        check(&json!({ "resource": { "id_prefix": ["prefect.task-run."] } }), false);
        check(&json!({ "resource": { "labels": { "prefect.state-name": "Fail*" } } }), true);
        check(&json!({ "resource": { "labels": { "prefect.state-name": ["!Failed"] } } }), false);
        check(&json!({ "resource": { "labels": { "prefect.state-name": [] } } }), false);
        check(&json!({ "related": { "role": ["flow"], "id": ["prefect.flow.2"] } }), true);
        check(&json!({ "related": [{ "role": ["flow"] }, { "role": ["tag"] }] }), true);
        check(&json!({ "related": [{ "role": ["flow"] }, { "role": ["deployment"] }] }), false);
        let pairs = json!([["prefect.flow.2", "tag"]]);
        check(&json!({ "related": { "resources_in_roles": pairs } }), false);
        check(&json!({ "any_resource": { "id": ["prefect.flow.2"] } }), true);
        check(&json!({ "any_resource": { "id_prefix": ["prefect.deployment."] } }), false);
        check(&json!({ "id": { "id": ["00000000-0000-0000-0000-000000000002"] } }), false);
        check(&json!({ "text": { "query": "\"disk is full\" -nothing" } }), true);
        check(&json!({ "text": { "query": "etl" } }), true);
        check(&json!({ "text": { "query": "-nightly" } }), false);
    }

    #[test]
    fn patterns_have_wildcards() {
        for (pattern, value) in
            [("*", ""), ("a*c", "abbc"), ("a?c", "abc"), ("*b*", "abc"), ("", "")]
        {
            assert!(matches(pattern, value), "{pattern} {value}");
        }
        for (pattern, value) in [("a*c", "abcd"), ("?", ""), ("a", "A"), ("!*", "x"), ("", "x")] {
            assert!(!matches(pattern, value), "{pattern} {value}");
        }
    }
}
