//! Sets of types of state, as the tables of rules name them.

use crate::model::StateType;

/// A set of types of state, where "no state yet" is one.
#[derive(Clone, Copy)]
pub(super) struct StateSet(u16);

pub(super) const ANY: StateSet = StateSet::of(&StateType::ALL);
pub(super) const ANY_OR_NONE: StateSet = StateSet(ANY.0 | StateSet::NONE.0);
pub(super) const SCHEDULED: StateSet = StateSet::of(&[StateType::Scheduled]);
pub(super) const PENDING: StateSet = StateSet::of(&[StateType::Pending]);
pub(super) const RUNNING: StateSet = StateSet::of(&[StateType::Running]);
pub(super) const FAILED: StateSet = StateSet::of(&[StateType::Failed]);
pub(super) const PAUSED: StateSet = StateSet::of(&[StateType::Paused]);
pub(super) const CANCELLED: StateSet = StateSet::of(&[StateType::Cancelled]);
pub(super) const CANCELLING: StateSet = StateSet::of(&[StateType::Cancelling]);
/// Not begun.
pub(super) const BEFORE_RUNNING: StateSet = SCHEDULED.or(PENDING);
/// The steps of a run that goes well, up to its end.
pub(super) const UP_TO_RUNNING: StateSet = BEFORE_RUNNING.or(RUNNING);
pub(super) const TERMINAL: StateSet =
    StateSet::of(&[StateType::Completed, StateType::Crashed]).or(FAILED).or(CANCELLED);

impl StateSet {
    const NONE: Self = Self(1 << StateType::ALL.len());

    const fn of(kinds: &[StateType]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < kinds.len() {
            bits |= 1 << kinds[index] as u16;
            index += 1;
        }
        Self(bits)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn except(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn contains(self, kind: Option<StateType>) -> bool {
        let set = match kind {
            Some(kind) => Self::of(&[kind]),
            None => Self::NONE,
        };
        self.0 & set.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_set_is_what_the_model_calls_terminal() {
        for kind in StateType::ALL {
            assert_eq!(TERMINAL.contains(Some(kind)), kind.is_terminal(), "{kind}");
        }
        assert!(!TERMINAL.contains(None));
    }
}
