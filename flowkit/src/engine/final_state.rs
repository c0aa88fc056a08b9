//! The final state of a flow run whose body returned a value.

use std::collections::BTreeMap;

use super::handle::Upstream;
use super::outcome::Codec;
use super::scope::FlowScope;
use crate::Timestamp;
use crate::model::{RunCounts, State};
use crate::rules::final_state::aggregate;

/// The state that the returned value stands for.
///
/// Handles stand for the states of their task runs, together; every other value for Completed.
/// A task run in the background that failed unseen fails the flow, whatever it returned: who
/// looked at a failure has handled it, and one that nobody looked at must not be lost.
pub(super) async fn of<T>(flow: &FlowScope, value: &T, codec: &Codec<T>, now: Timestamp) -> State {
    if let Some(handles) = codec.handles {
        return together(&handles(value), now).await;
    }
    let unseen = flow.unseen_failures();
    if unseen.is_empty() {
        return State::completed(now);
    }
    let told: Vec<_> = unseen.iter().take(3).filter_map(describe).collect();
    let more = if unseen.len() > told.len() { ", …" } else { "" };
    let count = unseen.len();
    let runs = if count == 1 { "task run" } else { "task runs" };
    State::failed(
        format!("{count} {runs} failed and nobody looked: {}{more}", told.join(", ")),
        now,
    )
}

fn describe(upstream: &Upstream) -> Option<String> {
    Some(format!("'{}' ended {}", upstream.label(), upstream.state()?))
}

async fn together(handles: &[Upstream], now: Timestamp) -> State {
    let mut counts = BTreeMap::new();
    for handle in handles {
        *counts.entry(handle.wait().await.kind).or_default() += 1;
    }
    aggregate(&RunCounts(counts), now)
}
