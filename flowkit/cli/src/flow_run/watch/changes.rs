//! Changes: what is new in a picture, one line for each state that a run entered.

use std::collections::HashMap;

use flowkit::Result;
use flowkit::model::{State, StateId};
use serde::Serialize;

use super::picture::Picture;
use crate::session::Session;
use crate::{colour, moment};

/// The state that each run was last told to be in.
#[derive(Debug, Default)]
pub(super) struct Changes(HashMap<String, StateId>);

/// A run that entered a state.
#[derive(Debug, Serialize)]
struct Change<'a> {
    run: &'static str,
    id: String,
    name: String,
    state: &'a State,
}

impl Changes {
    /// Tells what is new, in the order in which it happened.
    pub(super) fn tell(&mut self, session: &Session, picture: &Picture) -> Result<()> {
        let mut changes = Vec::new();
        collect(picture, &mut changes);
        changes.retain(|change| {
            let (id, state) = (change.id.clone(), change.state.id);
            self.0.insert(id, state) != Some(state)
        });
        changes.sort_by_key(|change| (change.state.timestamp, change.state.id));
        changes.iter().try_for_each(|change| session.say(&change.line(), change))
    }
}

/// Every run of the picture with its state; what runs below a run comes first.
fn collect<'a>(picture: &'a Picture, changes: &mut Vec<Change<'a>>) {
    for task in &picture.tasks {
        task.subflows.iter().for_each(|subflow| collect(subflow, changes));
        // The task run of a subflow only repeats what the subflow says.
        for run in task.runs.iter().filter(|_| task.subflows.is_empty()) {
            let of_run = |state| Change {
                run: "task run",
                id: run.id.to_string(),
                name: run.name.clone(),
                state,
            };
            changes.extend(run.state.as_ref().map(of_run));
        }
    }
    let named = &picture.named;
    let of_run = |state| Change {
        run: "flow run",
        id: named.run.id.to_string(),
        name: named.to_string(),
        state,
    };
    changes.extend(named.run.state.as_ref().map(of_run));
}

impl Change<'_> {
    fn line(&self) -> String {
        let Self { run, name, state, .. } = self;
        let (first, rest) = run.split_at(1);
        let run = format!("{}{rest}", first.to_uppercase());
        let time = moment::time_of_day(state.timestamp);
        let told = colour::paint(format!("{:<10}", state.name), state.kind);
        match &state.message {
            Some(message) => format!("{time} | {told} | {run} '{name}' - {message}"),
            None => format!("{time} | {told} | {run} '{name}'"),
        }
    }
}
