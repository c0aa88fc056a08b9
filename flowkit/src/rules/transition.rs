//! One proposal on its way through an ordered list of rules.

use serde_json::Value;

use super::state_set::StateSet;
use super::{Standing, Verdict};
use crate::Timestamp;
use crate::model::State;

/// A rule: the moves that it looks at, and what it decides about one of them.
pub(super) struct Rule<F> {
    /// One word for the matrix.
    pub(super) key: &'static str,
    pub(super) from: StateSet,
    pub(super) to: StateSet,
    /// Objects with a verdict, or lets the proposal pass, perhaps changed.
    pub(super) decide: fn(&mut Transition<'_, F>) -> Option<Verdict>,
}

/// A proposed change of the state of a run.
pub(super) struct Transition<'a, F> {
    pub(super) run: Standing<'a>,
    pub(super) facts: &'a F,
    pub(super) proposed: State,
    pub(super) now: Timestamp,
}

impl<F> Transition<'_, F> {
    /// The verdict of the first rule that objects, with its key.
    pub(super) fn judge(mut self, rules: &[Rule<F>]) -> (Verdict, &'static str) {
        let from = self.run.state.map(|state| state.kind);
        let to = Some(self.proposed.kind);
        for rule in rules {
            if rule.from.contains(from)
                && rule.to.contains(to)
                && let Some(verdict) = (rule.decide)(&mut self)
            {
                return (verdict, rule.key);
            }
        }
        (Verdict::Accept(self.proposed), "")
    }

    /// Rejects to the state that the run is in; a run without one is left alone.
    pub(super) fn keep(&self, reason: impl Into<String>) -> Verdict {
        let reason = reason.into();
        match self.run.state {
            Some(current) => Verdict::Reject { state: current.clone(), reason },
            None => Verdict::Abort { reason },
        }
    }

    /// What the current state and the proposed one are called, for a reason.
    pub(super) fn refuse(&self) -> String {
        let from = self.run.state.map_or("no", |state| state.kind.as_str());
        format!("this run is in {from} state and cannot transition to {}", self.proposed.kind)
    }
}

/// A verdict that stops whoever proposed.
pub(super) fn abort(reason: impl Into<String>) -> Verdict {
    Verdict::Abort { reason: reason.into() }
}

/// The same proposal, sent twice because its answer was lost, counts once.
pub(super) fn prevent_duplicate_transitions<F>(
    transition: &mut Transition<'_, F>,
) -> Option<Verdict> {
    let proposed = transition.proposed.details().transition_id?;
    let made = transition.run.state?.details().transition_id?;
    (made == proposed).then(|| transition.keep("this run has already made this transition"))
}

/// Says whether it completed with a result that was kept.
pub(super) fn has_result(state: &State) -> bool {
    // Clients of Prefect 2 send a placeholder for a result that they did not keep.
    let unpersisted = |data: &Value| data.get("type").is_some_and(|kind| kind == "unpersisted");
    state.is_completed() && state.data.as_ref().is_some_and(|data| !unpersisted(data))
}
