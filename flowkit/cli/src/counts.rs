//! How many runs are in each type of state.

use flowkit::model::{RunCounts, StateType};

use crate::colour;

/// `12 completed, 1 failed`, each in its colour.
pub(crate) fn line(counts: &RunCounts) -> String {
    let of = |kind: StateType| {
        let name = kind.default_name().to_lowercase();
        colour::paint(format!("{} {name}", counts.of(kind)), kind)
    };
    let kinds = StateType::ALL.into_iter().filter(|kind| counts.of(*kind) > 0);
    kinds.map(of).collect::<Vec<_>>().join(", ")
}

/// `1 flow run`, `2 flow runs`.
pub(crate) fn of(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
