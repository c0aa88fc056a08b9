//! `flowkit flow-run inspect`: all that is known of one flow run.

use clap::Args;
use flowkit::model::{RunCounts, State};
use flowkit::wire::{CountTaskRuns, ReadFlowRunStates};
use flowkit::{Result, Timestamp};
use serde::Serialize;

use crate::named_run::NamedRun;
use crate::report::Report;
use crate::session::Session;
use crate::{colour, counts, find, history, moment};

/// Show all that is known of a flow run
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit flow-run inspect brave-otter
  flowkit flow-run inspect foo/brave-otter --output json")]
pub(crate) struct Inspect {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
}

#[derive(Serialize)]
struct Known {
    #[serde(flatten)]
    named: NamedRun,
    states: Vec<State>,
    task_runs: RunCounts,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        let id = named.run.id;
        let states = session.call(ReadFlowRunStates { id }).await?;
        let task_runs = session.call(CountTaskRuns { flow_run_id: id }).await?;
        let known = Known { named, states, task_runs };
        let now = session.now();
        Ok(Report::of(&known)
            .fields(&fields(&known, now))
            .lines(parameters(&known.named))
            .lines(history::lines(&known.states)))
    }
}

fn fields(known: &Known, now: Timestamp) -> Vec<(&'static str, String)> {
    let run = &known.named.run;
    let mut fields = vec![("Flow run", known.named.to_string()), ("Id", run.id.to_string())];
    fields.extend(run.state.as_ref().map(|state| ("State", colour::state(state))));
    fields.push(("Created", moment::day_and_time(run.created, now)));
    if let Some(next) = run.next_scheduled_start_time {
        fields.push(("Starts", moment::day_and_time(next, now)));
    }
    if let Some(start) = run.start_time {
        fields.push(("Started", moment::day_and_time(start, now)));
        fields.push(("Took", moment::took(known.named.run_time(now))));
    }
    if run.run_count > 1 {
        fields.push(("Tries", run.run_count.to_string()));
    }
    if !run.tags.is_empty() {
        fields.push(("Tags", run.tags.join(", ")));
    }
    fields.extend(run.flow_version.clone().map(|version| ("Version", version)));
    if let Some(program) = &run.program {
        fields.push(("Program", program.executable.display().to_string()));
        fields.push(("Folder", program.working_dir.display().to_string()));
    }
    fields.extend(run.parent_task_run_id.map(|id| ("Called by", format!("task run {id}"))));
    if known.task_runs.total() > 0 {
        fields.push(("Task runs", counts::line(&known.task_runs)));
    }
    fields
}

fn parameters(named: &NamedRun) -> Vec<String> {
    let parameters = &named.run.parameters;
    if parameters.is_empty() {
        return Vec::new();
    }
    let lines = parameters.iter().map(|(name, value)| format!("  {name} = {value}"));
    std::iter::once("Parameters".to_owned()).chain(lines).collect()
}
