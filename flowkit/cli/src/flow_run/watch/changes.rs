//! Changes: what is new in a picture, one line for each state that a run entered.

use std::collections::HashMap;
use std::time::Duration;

use flowkit::model::{State, StateId};
use flowkit::{Result, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::picture::{Picture, WENT_WRONG};
use crate::session::Session;
use crate::{colour, counts, moment};

/// How often the counts of a large flow run are told.
const COUNT_EVERY: Duration = Duration::from_secs(5);

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The state that each run was in.
    states: HashMap<String, StateId>,
    /// When the task runs of a large flow run were counted.
    counted: Timestamp,
}

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
            self.states.insert(id, state) != Some(state)
        });
        changes.sort_by_key(|change| (change.state.timestamp, change.state.id));
        changes.iter().try_for_each(|change| session.say(&change.line(), change))?;
        self.tell_counts(session, picture)
    }

    /// Tells from time to time how far a flow run is whose task runs are too many to be told.
    fn tell_counts(&mut self, session: &Session, picture: &Picture) -> Result<()> {
        let now = session.now();
        if !picture.is_partial || now.since(self.counted) < COUNT_EVERY {
            return Ok(());
        }
        self.counted = now;
        let (time, Picture { named, counts, .. }) = (moment::time_of_day(now), picture);
        let line = format!("{time} | Flow run '{named}' - {}", counts::line(counts));
        let data = json!({ "run": "flow run", "id": named.run.id, "task_runs": counts });
        session.say(&line, &data)
    }
}

/// Every run of the picture with its state; what runs below a run comes first.
///
/// Of very many task runs only those are told that went wrong.
fn collect<'a>(picture: &'a Picture, changes: &mut Vec<Change<'a>>) {
    for task in &picture.tasks {
        task.subflows.iter().for_each(|subflow| collect(subflow, changes));
        // The task run of a subflow only repeats what the subflow says.
        let runs = task.runs.iter().filter(|_| task.subflows.is_empty());
        for run in runs.filter(|run| !picture.is_partial || WENT_WRONG.contains(&run.state_type()))
        {
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
