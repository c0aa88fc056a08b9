//! Final state: how a run ends, given what its body did.
//!
//! A body that returns a value ends as [`State::completed`] with that value; the two other
//! ways are here.

use crate::Timestamp;
use crate::model::{RunCounts, State, StateType};

/// The end of a run whose body returned an error, or panicked, with that message.
#[must_use]
pub fn from_error(message: impl Into<String>, now: Timestamp) -> State {
    State::failed(message, now)
}

/// The end of a flow run that returned the states of other runs, given how many are of which type.
///
/// As in Prefect 2.20 and 3: all completed is Completed; else any cancelled is Cancelled; else
/// any paused is Paused; else it is Failed, where crashed counts as failed and so does what has
/// not ended. (2.6 knows Completed and Failed only.) Without any state it is Completed.
///
/// ```
/// use flowkit::model::{RunCounts, StateType};
/// use flowkit::rules::final_state::aggregate;
///
/// let now = "2026-01-01T00:00:00Z".parse().unwrap();
/// let counts = RunCounts([(StateType::Completed, 2), (StateType::Failed, 1)].into());
/// assert_eq!(aggregate(&counts, now).to_string(), "Failed('1/3 states failed.')");
/// ```
#[must_use]
pub fn aggregate(counts: &RunCounts, now: Timestamp) -> State {
    // Wider than the counts, so that no sum of them overflows.
    let count = |kinds: &[StateType]| -> u128 {
        kinds.iter().map(|kind| u128::from(counts.of(*kind))).sum()
    };
    let total = count(&StateType::ALL);
    let ended = |kind, what: &str, part: u128| {
        State::new(kind, now).with_message(format!("{part}/{total} states {what}."))
    };
    if total == 0 {
        return State::completed(now);
    }
    if count(&[StateType::Completed]) == total {
        return State::completed(now).with_message("All states completed.");
    }
    let cancelled = count(&[StateType::Cancelled]);
    if cancelled > 0 {
        return ended(StateType::Cancelled, "cancelled", cancelled);
    }
    let paused = count(&[StateType::Paused]);
    if paused > 0 {
        return ended(StateType::Paused, "paused", paused);
    }
    let failed = count(&[StateType::Failed, StateType::Crashed]);
    if failed > 0 {
        return ended(StateType::Failed, "failed", failed);
    }
    let not_final = count(&[
        StateType::Scheduled,
        StateType::Pending,
        StateType::Running,
        StateType::Cancelling,
    ]);
    ended(StateType::Failed, "are not final", not_final)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: &[(StateType, u64)], expected: &str) {
        let counts = RunCounts(counts.iter().copied().collect());
        let state = aggregate(&counts, Timestamp::default());
        assert_eq!(state.to_string(), expected);
    }

    #[test]
    fn completed_only_if_all_are() {
        check(&[], "Completed()");
        check(&[(StateType::Completed, 3)], "Completed('All states completed.')");
        check(
            &[(StateType::Completed, 3), (StateType::Running, 1)],
            "Failed('1/4 states are not final.')",
        );
    }

    #[test]
    fn crashed_counts_as_failed() {
        check(
            &[(StateType::Completed, 2), (StateType::Failed, 1), (StateType::Crashed, 1)],
            "Failed('2/4 states failed.')",
        );
    }

    #[test]
    fn cancelled_goes_before_paused_and_paused_before_failed() {
        check(
            &[(StateType::Cancelled, 1), (StateType::Failed, 2), (StateType::Paused, 1)],
            "Cancelled('1/4 states cancelled.')",
        );
        check(&[(StateType::Failed, 2), (StateType::Paused, 1)], "Paused('1/3 states paused.')");
    }

    #[test]
    fn counts_beyond_all_numbers_do_not_overflow() {
        check(
            &[(StateType::Completed, u64::MAX), (StateType::Crashed, u64::MAX)],
            "Failed('18446744073709551615/36893488147419103230 states failed.')",
        );
    }
}
