//! States as compact JSON: `[id, type, microseconds, name, message, data, details]`, the empty end cut off.
//!
//! A task run's row holds all its states; their size is most of the row.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::Timestamp;
use crate::model::{State, StateDetails, StateType};

/// A state that is written.
pub(super) struct Written<'s>(pub(super) &'s State);

/// A state that is read.
pub(super) struct Read(pub(super) State);

/// The compact JSON of a list of states.
pub(super) fn write_all(states: &[State]) -> String {
    let mut text = Vec::with_capacity(56 * states.len() + 2);
    text.push(b'[');
    for (index, state) in states.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        // Neither the text nor our own types can fail to be written.
        if is_bare(state) {
            text.extend_from_slice(b"[\"");
            text.extend_from_slice(hex(state, &mut [0; 32]).as_bytes());
            text.extend_from_slice(b"\",");
            let _ = serde_json::to_writer(&mut text, &state.kind.code());
            text.push(b',');
            let _ = serde_json::to_writer(&mut text, &state.timestamp.as_micros());
            text.push(b']');
        } else {
            let _ = serde_json::to_writer(&mut text, &Written(state));
        }
    }
    text.push(b']');
    String::from_utf8(text).unwrap_or_default()
}

/// Says whether only the first three parts of it are written; most states are so.
fn is_bare(state: &State) -> bool {
    state.message.is_none()
        && state.data.is_none()
        && state.name == state.kind.default_name()
        && state.details() == StateDetails::EMPTY
}

fn hex<'t>(state: &State, text: &'t mut [u8; 32]) -> &'t str {
    state.id.as_uuid().simple().encode_lower(text)
}

/// The states of such a list.
pub(super) fn unwrap_all(states: Vec<Read>) -> Vec<State> {
    states.into_iter().map(|Read(state)| state).collect()
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(state) = self;
        let name = (state.name != state.kind.default_name()).then_some(&state.name);
        let details = Some(state.details()).filter(|details| *details != StateDetails::EMPTY);
        let filled = [
            (7, details.is_some()),
            (6, state.data.is_some()),
            (5, state.message.is_some()),
            (4, name.is_some()),
        ];
        let length = filled.into_iter().find(|(_, is_filled)| *is_filled).map_or(3, |(at, _)| at);
        let mut list = to.serialize_seq(Some(length))?;
        list.serialize_element(hex(state, &mut [0; 32]))?;
        list.serialize_element(&state.kind.code())?;
        list.serialize_element(&state.timestamp.as_micros())?;
        if length > 3 {
            list.serialize_element(&name)?;
        }
        if length > 4 {
            list.serialize_element(&state.message)?;
        }
        if length > 5 {
            list.serialize_element(&state.data)?;
        }
        if length > 6 {
            list.serialize_element(&details)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Compact).map(Self)
    }
}

struct Compact;

impl<'de> Visitor<'de> for Compact {
    type Value = State;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a state as a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<State, A::Error> {
        let cut = || A::Error::custom("a state ends too early");
        let id: Uuid = list.next_element()?.ok_or_else(cut)?;
        let code: i64 = list.next_element()?.ok_or_else(cut)?;
        let micros: i64 = list.next_element()?.ok_or_else(cut)?;
        let kind = StateType::from_code(code)
            .ok_or_else(|| A::Error::custom(format!("no type of state has the code {code}")))?;
        let mut state = State::new(kind, Timestamp::from_micros(micros));
        state.id = id.into();
        if let Some(Some(name)) = list.next_element::<Option<String>>()? {
            state.name = Cow::Owned(name);
        }
        state.message = list.next_element::<Option<String>>()?.flatten();
        state.data = list.next_element::<Option<Value>>()?.flatten();
        if let Some(Some(details)) = list.next_element::<Option<StateDetails>>()? {
            *state.details_mut() = details;
        }
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(state: &State, length: usize) {
        let text = write_all(std::slice::from_ref(state));
        let plain: Vec<Vec<Value>> = serde_json::from_str(&text).expect("a list of lists");
        assert_eq!(plain[0].len(), length, "{text}");
        let read: Vec<Read> = serde_json::from_str(&text).expect("what was written is read");
        assert_eq!(unwrap_all(read), std::slice::from_ref(state));
    }

    #[test]
    fn state_is_read_as_it_was_written() {
        let now = Timestamp::from_micros(1_700_000_000_000_001);
        check(&State::running(now), 3);
        check(&State::running(now).named("Retrying"), 4);
        check(&State::failed("it \"broke\"", now), 5);
        check(&State::completed(now).with_data(serde_json::json!({ "a": [1, null] })), 6);
        check(&State::scheduled(now, now), 7);
    }
}
