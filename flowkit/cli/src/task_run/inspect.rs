//! `flowkit task-run inspect`: all that is known of one task run.

use clap::Args;
use flowkit::model::{State, TaskInput, TaskRun};
use flowkit::wire::ReadTaskRunStates;
use flowkit::{Result, Timestamp};
use serde::Serialize;

use super::logs::Meant;
use crate::named_run::run_time;
use crate::report::Report;
use crate::session::Session;
use crate::{colour, history, moment};

/// Show all that is known of a task run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit task-run inspect bar-0
  flowkit task-run inspect bar-0 --flow-run brave-otter --output json")]
pub(crate) struct Inspect {
    #[command(flatten)]
    task_run: Meant,
}

#[derive(Serialize)]
struct Known {
    #[serde(flatten)]
    run: TaskRun,
    states: Vec<State>,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let run = self.task_run.find(session).await?;
        let states = session.call(ReadTaskRunStates { id: run.id }).await?;
        let known = Known { run, states };
        Ok(Report::of(&known)
            .fields(&fields(&known.run, session.now()))
            .lines(inputs(&known.run))
            .lines(history::lines(&known.states)))
    }
}

fn fields(run: &TaskRun, now: Timestamp) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Task run", run.name.clone()), ("Id", run.id.to_string())];
    fields.push(("Task", run.task_key.clone()));
    fields.extend(run.flow_run_id.map(|id| ("Flow run", id.to_string())));
    fields.extend(run.parent_task_run_id.map(|id| ("Called by", format!("task run {id}"))));
    fields.extend(run.state.as_ref().map(|state| ("State", colour::state(state))));
    if let Some(start) = run.start_time {
        let took = run_time(Some(start), run.end_time, run.total_run_time, now);
        fields.push(("Started", moment::day_and_time(start, now)));
        fields.push(("Took", moment::took(took)));
    }
    if run.run_count > 1 {
        fields.push(("Tries", run.run_count.to_string()));
    }
    if !run.tags.is_empty() {
        fields.push(("Tags", run.tags.join(", ")));
    }
    fields.extend(run.cache_key.clone().map(|key| ("Cache key", key)));
    fields
}

/// Where its inputs came from.
fn inputs(run: &TaskRun) -> Vec<String> {
    if run.task_inputs.is_empty() {
        return Vec::new();
    }
    let line = |(name, from): (&String, &Vec<TaskInput>)| {
        let from: Vec<_> = from.iter().map(input).collect();
        format!("  {name} from {}", from.join(", "))
    };
    std::iter::once("Inputs".to_owned()).chain(run.task_inputs.iter().map(line)).collect()
}

fn input(input: &TaskInput) -> String {
    match input {
        TaskInput::TaskRun { id } => format!("task run {id}"),
        TaskInput::FlowRun { id } => format!("flow run {id}"),
        TaskInput::Parameter { name } => format!("parameter {name}"),
        TaskInput::Constant { kind } => format!("a constant {kind}"),
    }
}
