//! No run starts before its time.

use super::Verdict;
use super::transition::Transition;
use crate::model::State;

/// A run that leaves scheduled for pending takes its time along, unless it is given another one.
///
/// So a worker may claim a run early and prepare its machine; the time is waited for at running.
pub(super) fn copy_scheduled_time<F>(transition: &mut Transition<'_, F>) -> Option<Verdict> {
    carry_scheduled_time(transition.run.state?, &mut transition.proposed);
    None
}

/// Gives `proposed` the time of `current`, unless it has its own.
pub(super) fn carry_scheduled_time(current: &State, proposed: &mut State) {
    let time = current.details().scheduled_time;
    if time.is_some() && proposed.details().scheduled_time.is_none() {
        proposed.details_mut().scheduled_time = time;
    }
}

/// A run does not start before its time.
///
/// As in 2.20 and 3.x only running is waited for; 2.6 makes a claim wait too.
pub(super) fn wait_for_scheduled_time<F>(transition: &mut Transition<'_, F>) -> Option<Verdict> {
    let time = transition.run.state?.details().scheduled_time?;
    (time > transition.now).then(|| Verdict::Wait {
        delay: time.since(transition.now),
        reason: "scheduled time is in the future".into(),
    })
}
