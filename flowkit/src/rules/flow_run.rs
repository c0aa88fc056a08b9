//! The rules of flow runs.

use super::Verdict;
use super::progress::{prevent_redundant_transitions, says_more};
use super::scheduled_time::{carry_scheduled_time, copy_scheduled_time, wait_for_scheduled_time};
use super::state_set::{
    ANY, ANY_OR_NONE, BEFORE_RUNNING, CANCELLED, CANCELLING, FAILED, PAUSED, PENDING, RUNNING,
    SCHEDULED, TERMINAL, UP_TO_RUNNING,
};
use super::transition::{self, abort, has_result, prevent_duplicate_transitions};
use crate::Timestamp;
use crate::model::{FlowRun, State, StateType};

type Rule = transition::Rule<Facts>;
type Transition<'a> = transition::Transition<'a, Facts>;

/// Tried from the top; the first that objects decides.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { key: "duplicate",  from: ANY,                  to: ANY,                   decide: prevent_duplicate_transitions },
    Rule { key: "terminal",   from: TERMINAL,             to: ANY,                   decide: handle_terminal_states },
    Rule { key: "cancelling", from: CANCELLING,           to: ANY.except(CANCELLED), decide: enforce_cancelling_to_cancelled },
    Rule { key: "alone",      from: SCHEDULED.or(PAUSED), to: CANCELLING,            decide: bypass_cancelling_without_infrastructure },
    Rule { key: "pending",    from: PENDING.or(RUNNING),  to: PENDING,               decide: prevent_pending_transitions },
    Rule { key: "late",       from: ANY,                  to: SCHEDULED,             decide: only_scheduled_is_marked_late },
    Rule { key: "pausing",    from: ANY_OR_NONE,          to: PAUSED,                decide: handle_pausing },
    Rule { key: "resuming",   from: PAUSED,               to: ANY,                   decide: handle_resuming },
    Rule { key: "copy key",   from: BEFORE_RUNNING,       to: BEFORE_RUNNING,        decide: copy_pause_key },
    Rule { key: "copy time",  from: SCHEDULED,            to: PENDING,               decide: copy_scheduled_time },
    Rule { key: "time",       from: BEFORE_RUNNING,       to: RUNNING,               decide: wait_for_scheduled_time },
    Rule { key: "retry",      from: RUNNING,              to: FAILED,                decide: retry_failed },
    Rule { key: "redundant",  from: UP_TO_RUNNING,        to: UP_TO_RUNNING,         decide: prevent_redundant_transitions },
];

/// What the rules need to know beside the flow run itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FlowRunFacts {
    /// It has a deployment, so that a worker can execute it again.
    pub deployed: bool,
    /// Somebody named this run to be resumed although it crashed, failed or was cancelled.
    pub resume: bool,
    /// It has a process or a machine that has to be ended before it counts as cancelled.
    pub infrastructure: bool,
    /// The pause with the proposed pause key has been taken before.
    pub pause_fired: bool,
}

/// Says what becomes of a flow run for which `proposed` is proposed.
#[must_use]
pub fn propose(run: &FlowRun, facts: FlowRunFacts, proposed: State, now: Timestamp) -> Verdict {
    judge(run, facts, proposed, now).0
}

/// The verdict and the key of the rule that gave it.
pub(super) fn judge(
    run: &FlowRun,
    facts: FlowRunFacts,
    proposed: State,
    now: Timestamp,
) -> (Verdict, &'static str) {
    let facts = Facts {
        can_run_again: facts.deployed || run.program.is_some(),
        is_subflow: run.parent_task_run_id.is_some(),
        given: facts,
    };
    Transition { run: run.into(), facts: &facts, proposed, now }.judge(RULES)
}

/// All that the rules know.
struct Facts {
    given: FlowRunFacts,
    /// Something exists that can execute the run again.
    can_run_again: bool,
    is_subflow: bool,
}

/// An ended run stays ended, unless it is executed again.
///
/// It may be scheduled again when something can execute it, or when it did not end well and
/// somebody resumes it; such a resume may also go straight to pending or running. A run that
/// completed with a result keeps it.
///
/// Prefect 2.6 only lets it await a retry and asks for a deployment. 2.20 and 3.x let every
/// ended run go straight to running and let one end replace another; we refuse both, so that
/// a run that was given up and a run that reports late cannot overwrite each other.
fn handle_terminal_states(transition: &mut Transition<'_>) -> Option<Verdict> {
    let current = transition.run.state?;
    let resumed = transition.facts.given.resume && !current.is_completed();
    let refused = match transition.proposed.kind {
        StateType::Scheduled | StateType::Pending | StateType::Running if has_result(current) => {
            return Some(transition.keep("this run is already COMPLETED"));
        }
        StateType::Scheduled => !resumed && !transition.facts.can_run_again,
        StateType::Pending | StateType::Running => !resumed,
        StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Paused
        | StateType::Cancelling => true,
    };
    refused.then(|| abort(format!("this run is already {}", current.kind)))
}

/// A cancelling run can only become cancelled.
///
/// As in 2.20 and 3.x, not even another end is let through: a body that still completes or
/// fails is told that the run is cancelling, and then proposes cancelled. Who finds its process
/// dead proposes cancelled too. (2.20 also keeps a cancelled run from being scheduled again;
/// 3.x and we do not.)
fn enforce_cancelling_to_cancelled(transition: &mut Transition<'_>) -> Option<Verdict> {
    Some(transition.keep("a cancelling run can only become cancelled"))
}

/// A run that has no process is cancelled at once, since nobody would end its cancelling.
fn bypass_cancelling_without_infrastructure(transition: &mut Transition<'_>) -> Option<Verdict> {
    let current = transition.run.state?;
    let waits_alone = match current.kind {
        StateType::Scheduled => {
            !transition.facts.given.infrastructure || current.name == "Resuming"
        }
        StateType::Paused => current.details().pause_reschedule,
        StateType::Pending
        | StateType::Running
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Cancelling => false,
    };
    waits_alone.then(|| Verdict::Reject {
        state: State::cancelled(transition.now),
        reason: "the run has no infrastructure to end".into(),
    })
}

/// Only one worker submits a run: the second one that proposes pending has to stop.
///
/// A finer name (`Submitting`, `InfrastructurePending`) passes, as in 3.x, and keeps the
/// scheduled time.
fn prevent_pending_transitions(transition: &mut Transition<'_>) -> Option<Verdict> {
    let current = transition.run.state?;
    if says_more(current, &transition.proposed) {
        carry_scheduled_time(current, &mut transition.proposed);
        return None;
    }
    Some(abort(transition.refuse()))
}

/// Only a run that waits for its time can be late.
fn only_scheduled_is_marked_late(transition: &mut Transition<'_>) -> Option<Verdict> {
    let waits = transition.run.state?.kind == StateType::Scheduled;
    (transition.proposed.name == "Late" && !waits)
        .then(|| transition.keep("only scheduled runs can be marked late"))
}

/// Only a running run can pause, and each of its pauses only once.
///
/// To leave its process while paused, it must be one that can be executed again, and no subflow.
fn handle_pausing(transition: &mut Transition<'_>) -> Option<Verdict> {
    let verb = if transition.proposed.name == "Suspended" { "suspend" } else { "pause" };
    let running = transition.run.state.is_some_and(|state| state.kind == StateType::Running);
    if !running {
        return Some(transition.keep(format!("cannot {verb} a run that is not running")));
    }
    if transition.facts.given.pause_fired {
        return Some(transition.keep(format!("this {verb} has already fired")));
    }
    if !transition.proposed.details().pause_reschedule {
        return None;
    }
    if transition.facts.is_subflow {
        return Some(abort(format!("cannot {verb} a subflow")));
    }
    (!transition.facts.can_run_again)
        .then(|| abort(format!("cannot {verb} a run that nothing can execute again")))
}

/// A paused run goes on, or ends; after its timeout it has failed.
///
/// Prefect also refuses to cancel it, which leaves a paused run that nobody can stop; we allow it.
fn handle_resuming(transition: &mut Transition<'_>) -> Option<Verdict> {
    let paused = transition.run.state?;
    let details = paused.details();
    let goes_on = match transition.proposed.kind {
        StateType::Scheduled | StateType::Running => true,
        StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Cancelling => false,
        StateType::Pending | StateType::Paused => {
            return Some(transition.keep(transition.refuse()));
        }
    };
    if goes_on && details.pause_reschedule && !transition.facts.can_run_again {
        return Some(transition.keep("cannot reschedule a run that nothing can execute again"));
    }
    if details.pause_timeout.is_some_and(|timeout| timeout < transition.now) {
        let what = paused.name.to_lowercase();
        return Some(Verdict::Reject {
            state: State::failed(format!("The flow was {what} and never resumed."), transition.now),
            reason: format!("the {what} run has timed out and can no longer resume"),
        });
    }
    if transition.proposed.kind == StateType::Scheduled {
        let key = details.pause_key.clone().unwrap_or_default();
        transition.proposed.details_mut().pause_key = Some(key);
    }
    None
}

/// A run that resumes by way of a worker carries the key of its pause until it runs.
///
/// By that [`bookkeeping`](super::bookkeeping) knows that this start is no new try.
fn copy_pause_key(transition: &mut Transition<'_>) -> Option<Verdict> {
    let key = transition.run.state?.details().pause_key.clone()?;
    transition.proposed.details_mut().pause_key = Some(key);
    None
}

/// A run that failed awaits another try while it has tries left.
///
/// Without jitter, as in Prefect.
fn retry_failed(transition: &mut Transition<'_>) -> Option<Verdict> {
    let Transition { run, now, proposed, .. } = transition;
    let (policy, run_count) = (run.policy, run.tally.run_count);
    if run_count > policy.retries() {
        return None;
    }
    let mut state = State::awaiting_retry(*now + policy.delay(run_count), *now);
    state.message = proposed.message.take();
    state.data = proposed.data.take();
    Some(Verdict::Reject { state, reason: "retrying".into() })
}

#[cfg(test)]
mod tests;
