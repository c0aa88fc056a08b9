//! What Prefect is told, in its own words: bodies as its versions take them.
//!
//! Functions of values; who sends them is the `telling`. Bodies are exact: Prefect refuses fields
//! that the version does not know.

pub(super) mod artifact;
pub(super) mod event;
pub(super) mod flow_run;
pub(super) mod log;
pub(super) mod task_run;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::peer::PeerKind;
use crate::model::{RetryPolicy, State, StateType};

/// A state as it is proposed; none where the server has no such type of state.
pub(super) fn state(state: &State, kind: PeerKind) -> Option<Value> {
    let is_early = kind == PeerKind::EarlyPrefect2;
    let type_ = match state.kind {
        StateType::Cancelling if is_early => return None,
        // It waits, and nothing says so better there.
        StateType::Paused if is_early => StateType::Pending,
        type_ => type_,
    };
    let details = state.details();
    let mut sent = serde_json::Map::new();
    if let Some(at) = details.scheduled_time {
        sent.insert("scheduled_time".into(), json!(at));
    }
    if !is_early {
        // Makes a proposal that is sent twice count once.
        sent.insert("transition_id".into(), json!(state.id));
        if let Some(timeout) = details.pause_timeout {
            sent.insert("pause_timeout".into(), json!(timeout));
        }
        if let Some(key) = &details.pause_key {
            sent.insert("pause_key".into(), json!(key));
        }
    }
    Some(json!({
        "type": type_,
        "name": state.name,
        "message": state.message,
        "data": null,
        "state_details": sent,
    }))
}

/// The body that proposes a state.
pub(super) fn set_state(proposed: &State, kind: PeerKind, force: bool) -> Option<Value> {
    Some(json!({ "state": state(proposed, kind)?, "force": force }))
}

/// A policy of retries; whole seconds and one number where that is all that is known.
fn policy(policy: &RetryPolicy, takes_many: bool) -> Value {
    let delay = match policy.retry_delay.as_slice() {
        [] => json!(0),
        [one, ..] if !takes_many => whole(*one),
        [one] => number(*one),
        many => json!(many),
    };
    let mut sent = json!({ "retries": policy.retries(), "retry_delay": delay });
    if let Some(factor) = policy.retry_jitter_factor.filter(|_| takes_many) {
        sent["retry_jitter_factor"] = json!(factor);
    }
    sent
}

/// Rounded up, since a delay that is said too short is worse.
#[expect(clippy::cast_possible_truncation, reason = "a float is cut off at the ends of an integer")]
fn whole(seconds: f64) -> Value {
    json!(seconds.ceil() as i64)
}

fn number(seconds: f64) -> Value {
    if seconds.fract() == 0.0 { whole(seconds) } else { json!(seconds) }
}
