//! Colours: one for each type of state, and text in it.
//!
//! Printing leaves them out where nobody sees them; see `output`.

use std::fmt::Display;

use clap::builder::styling::AnsiColor;
use flowkit::model::{State, StateType};

/// The colour of a type of state.
pub(crate) const fn of(kind: StateType) -> AnsiColor {
    match kind {
        StateType::Completed => AnsiColor::Green,
        StateType::Running => AnsiColor::Cyan,
        StateType::Failed | StateType::Crashed => AnsiColor::Red,
        StateType::Scheduled | StateType::Pending => AnsiColor::Blue,
        StateType::Paused => AnsiColor::Magenta,
        StateType::Cancelling | StateType::Cancelled => AnsiColor::Yellow,
    }
}

/// The text in the colour of a type of state.
pub(crate) fn paint(text: impl Display, kind: StateType) -> String {
    let style = of(kind).on_default();
    format!("{style}{text}{style:#}")
}

/// The name of a state; a run without one is about to get its first.
pub(crate) fn name(state: Option<&State>) -> &str {
    state.map_or("Pending", |state| &state.name)
}

/// The name of a state in its colour, and its message.
pub(crate) fn state(state: &State) -> String {
    let name = paint(&state.name, state.kind);
    match &state.message {
        Some(message) => format!("{name}: {message}"),
        None => name,
    }
}
