//! The rules of task runs.
//!
//! The engine asks several times for every task run, so a proposal that is accepted costs no
//! memory: the rules are a constant table, and a fact is copied only into a rejection.

use std::borrow::Cow;
use std::time::Duration;

use super::progress::prevent_redundant_transitions;
use super::scheduled_time::{copy_scheduled_time, wait_for_scheduled_time};
use super::state_set::{
    ANY, ANY_OR_NONE, BEFORE_RUNNING, CANCELLING, FAILED, PENDING, RUNNING, SCHEDULED, StateSet,
    TERMINAL, UP_TO_RUNNING,
};
use super::transition::{self, abort, has_result, prevent_duplicate_transitions};
use super::{Standing, Verdict, retry};
use crate::Timestamp;
use crate::model::{State, StateType};

type Rule = transition::Rule<TaskRunFacts>;
type Transition<'a> = transition::Transition<'a, TaskRunFacts>;

/// Tried from the top; the first that objects decides.
///
/// Prefect looks into the cache first of all, and for duplicates only among flow runs. Here a
/// cached result does not replace an ended run either, and a start whose answer was lost may be
/// proposed again.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { key: "duplicate", from: ANY,            to: ANY,           decide: prevent_duplicate_transitions },
    Rule { key: "terminal",  from: TERMINAL,       to: ANY,           decide: handle_terminal_states },
    Rule { key: "cache",     from: ANY_OR_NONE,    to: RUNNING,       decide: retrieve_from_cache },
    Rule { key: "redundant", from: UNFINISHED,     to: UP_TO_RUNNING, decide: prevent_redundant_unless_flow_is_retried },
    Rule { key: "stopped",   from: ANY_OR_NONE,    to: RUNNING,       decide: prevent_running_in_stopped_flow },
    Rule { key: "slots",     from: ANY_OR_NONE,    to: RUNNING,       decide: secure_concurrency_slots },
    Rule { key: "copy time", from: SCHEDULED,      to: PENDING,       decide: copy_scheduled_time },
    Rule { key: "time",      from: BEFORE_RUNNING, to: RUNNING,       decide: wait_for_scheduled_time },
    Rule { key: "retry",     from: RUNNING,        to: FAILED,        decide: retry_failed },
    Rule { key: "rename",    from: ANY_OR_NONE,    to: RUNNING,       decide: rename_reruns },
];

const UNFINISHED: StateSet = UP_TO_RUNNING.or(CANCELLING);

/// What the rules need to know beside the task run itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskRunFacts {
    /// Where the flow run that it belongs to stands; none for a task run on its own.
    pub flow_run: Option<StateType>,
    /// How often that flow run was started.
    pub flow_run_run_count: u32,
    /// Whether its result was kept somewhere else than in its state.
    pub has_result: bool,
    /// The completed state found under its cache key.
    pub cached: Option<State>,
    /// Whether there is room for it under the limits of its tags.
    pub slots: Slots,
    /// Which of the possible jitters it gets: a number between 0 and 1.
    pub chance: f64,
}

/// Whether there is room for a task run under the concurrency limits of its tags.
///
/// Whoever took slots to say so gives them back unless the verdict lets the run start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Slots {
    /// It has its slots, or needs none.
    #[default]
    Granted,
    /// All slots of that tag are taken.
    Full {
        /// The tag.
        tag: String,
        /// When to ask again.
        retry_after: Duration,
    },
    /// That tag has a limit of zero, so that waiting is of no use.
    Closed {
        /// The tag.
        tag: String,
    },
}

/// Says what becomes of a task run for which `proposed` is proposed.
///
/// ```
/// use flowkit::model::{RetryPolicy, State};
/// use flowkit::rules::{Standing, Verdict, task_run};
///
/// let now = "2026-01-01T00:00:00Z".parse().unwrap();
/// let run = Standing { state: None, policy: &RetryPolicy::default(), tally: Default::default() };
/// let facts = task_run::TaskRunFacts::default();
/// let verdict = task_run::propose(run, &facts, State::running(now), now);
/// assert!(matches!(verdict, Verdict::Accept(_)));
/// ```
#[must_use]
pub fn propose(
    run: Standing<'_>,
    facts: &TaskRunFacts,
    proposed: State,
    now: Timestamp,
) -> Verdict {
    judge(run, facts, proposed, now).0
}

/// The verdict and the key of the rule that gave it.
pub(super) fn judge(
    run: Standing<'_>,
    facts: &TaskRunFacts,
    proposed: State,
    now: Timestamp,
) -> (Verdict, &'static str) {
    Transition { run, facts, proposed, now }.judge(RULES)
}

impl Transition<'_> {
    /// Says whether its flow run was started again since the task run last moved.
    fn flow_is_retried(&self) -> bool {
        self.facts.flow_run_run_count > self.run.tally.flow_run_run_count
    }
}

/// An ended task run stays ended, unless its flow run is retried or resumed.
///
/// Even then a run that completed with a result keeps it, and whoever wants to run it is
/// handed that state: this is how a resumed flow run skips what it has done. Prefect 2.20 and
/// 3.x ask for no retry of the flow run; 2.6 does, and so do we.
fn handle_terminal_states(transition: &mut Transition<'_>) -> Option<Verdict> {
    let current = transition.run.state?;
    let kept = current.is_completed() && (transition.facts.has_result || has_result(current));
    let refused = match transition.proposed.kind {
        StateType::Scheduled | StateType::Pending | StateType::Running if kept => {
            return Some(transition.keep("this run is already COMPLETED"));
        }
        StateType::Scheduled
        | StateType::Pending
        | StateType::Running
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled => kept || !transition.flow_is_retried(),
        StateType::Crashed | StateType::Paused | StateType::Cancelling => true,
    };
    refused.then(|| abort(format!("this run is already {}", current.kind)))
}

/// A result that is known is not computed again.
fn retrieve_from_cache(transition: &mut Transition<'_>) -> Option<Verdict> {
    let cached = transition.facts.cached.as_ref()?;
    let now = transition.now;
    let passed_over = transition.proposed.details().refresh_cache == Some(true);
    let expired = cached.details().cache_expiration.is_some_and(|expiration| expiration <= now);
    if passed_over || expired {
        return None;
    }
    let mut state = State::cached(now);
    state.message.clone_from(&cached.message);
    state.data.clone_from(&cached.data);
    state.details_mut().cache_key.clone_from(&cached.details().cache_key);
    state.details_mut().cache_expiration = cached.details().cache_expiration;
    Some(Verdict::Reject { state, reason: "retrieved state from cache".into() })
}

/// Forward only, and never back from cancelling.
///
/// Except that a retried flow run takes up whatever its last process left behind.
fn prevent_redundant_unless_flow_is_retried(transition: &mut Transition<'_>) -> Option<Verdict> {
    if transition.flow_is_retried() {
        return None;
    }
    prevent_redundant_transitions(transition)
}

/// A task run starts only while its flow run is running; in a paused one it pauses too.
fn prevent_running_in_stopped_flow(transition: &mut Transition<'_>) -> Option<Verdict> {
    match transition.facts.flow_run? {
        StateType::Running => None,
        StateType::Paused => Some(Verdict::Reject {
            state: State::paused(None, transition.now).named("NotReady"),
            reason: "the flow run is paused; new task runs start after it resumes".into(),
        }),
        StateType::Scheduled
        | StateType::Pending
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Cancelling => Some(abort("the flow run must be running to start a task run")),
    }
}

/// A task run starts only with a slot under the limit of each of its tags.
fn secure_concurrency_slots(transition: &mut Transition<'_>) -> Option<Verdict> {
    match &transition.facts.slots {
        Slots::Granted => None,
        Slots::Full { tag, retry_after } => Some(Verdict::Wait {
            delay: *retry_after,
            reason: format!("concurrency limit for tag '{tag}' reached"),
        }),
        Slots::Closed { tag } => {
            Some(abort(format!("concurrency limit for tag '{tag}' is 0: the run can never start")))
        }
    }
}

/// A run that failed awaits another try while it has tries left, unless its failure is final.
fn retry_failed(transition: &mut Transition<'_>) -> Option<Verdict> {
    let Transition { run, facts, now, proposed, .. } = transition;
    if proposed.details().retriable == Some(false) {
        return None;
    }
    let delay = retry::next_delay(run.policy, run.tally.run_count, facts.chance)?;
    let mut state = State::awaiting_retry(*now + delay, *now);
    state.message = proposed.message.take();
    state.data = proposed.data.take();
    Some(Verdict::Reject { state, reason: "retrying".into() })
}

/// A second start says so: `Retrying` for another try, `Rerunning` in a retried flow run.
fn rename_reruns(transition: &mut Transition<'_>) -> Option<Verdict> {
    let tally = &transition.run.tally;
    if tally.start_time.is_some() {
        // A retried flow run starts the count anew, here and now or at an earlier move.
        let rerun = transition.flow_is_retried() || tally.run_count == 0;
        transition.proposed.name = Cow::Borrowed(if rerun { "Rerunning" } else { "Retrying" });
    }
    None
}

#[cfg(test)]
mod tests;
