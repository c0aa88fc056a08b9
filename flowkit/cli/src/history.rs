//! The states that a run has had, one a line.

use flowkit::model::State;

use crate::{colour, moment};

/// The states, the first one first, under a title.
pub(crate) fn lines(states: &[State]) -> Vec<String> {
    if states.is_empty() {
        return Vec::new();
    }
    let line = |state: &State| {
        format!("  {}  {}", moment::time_of_day(state.timestamp), colour::state(state))
    };
    std::iter::once("States".to_owned()).chain(states.iter().map(line)).collect()
}
