//! Forward only: scheduled, pending, running.

use super::Verdict;
use super::transition::{Transition, abort};
use crate::model::{State, StateType};

/// A run that has not ended moves forward only: scheduled, then pending, then running.
///
/// Prefect 2.6 refuses every other step; 2.20 and 3.x refuse none but those to pending. We
/// refuse, since two processes that both may enter running execute the run twice. What newer
/// versions need passes: another name within scheduled or pending (`Late`, `Submitting`,
/// `NotReady`) and another time within scheduled.
pub(super) fn prevent_redundant_transitions<F>(
    transition: &mut Transition<'_, F>,
) -> Option<Verdict> {
    let (current, proposed) = (transition.run.state?, &transition.proposed);
    // The types are declared in this order.
    let forward = current.kind < proposed.kind;
    (!forward && !says_more(current, proposed)).then(|| abort(transition.refuse()))
}

/// Says whether `proposed` is of the same type as `current` and says it finer or anew.
pub(super) fn says_more(current: &State, proposed: &State) -> bool {
    if current.kind != proposed.kind {
        return false;
    }
    let renamed = current.name != proposed.name && proposed.name != proposed.kind.default_name();
    match proposed.kind {
        StateType::Scheduled => {
            renamed || current.details().scheduled_time != proposed.details().scheduled_time
        }
        StateType::Pending => renamed,
        StateType::Running
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Paused
        | StateType::Cancelling => false,
    }
}
