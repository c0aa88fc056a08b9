//! `flowkit task-run ls`: the task runs of a flow run, or the newest of all.

use clap::Args;
use flowkit::model::TaskRun;
use flowkit::wire::{FilterTaskRuns, TaskRunFilter, TaskRunSort};
use flowkit::{Result, Timestamp};

use crate::limit::Limit;
use crate::named_run::run_time;
use crate::report::Report;
use crate::session::Session;
use crate::state_filter::States;
use crate::table::Column;
use crate::{colour, find, moment};

/// List task runs: of a flow run in the order of their calls, of all the newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit task-run ls --flow-run brave-otter
  flowkit task-run ls --flow-run brave-otter --state failed --state crashed
  flowkit task-run ls --flow-run brave-otter --slowest --limit 5 --output json")]
pub(crate) struct Ls {
    /// Only task runs of this flow run: its id or its name
    #[arg(long, value_name = "RUN")]
    flow_run: Option<String>,
    #[command(flatten)]
    states: States,
    /// The one that ran longest first
    #[arg(long)]
    slowest: bool,
    #[command(flatten)]
    limit: Limit,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let unknown = self.states.unknown();
        let mut task_runs =
            TaskRunFilter { state: self.states.filter()?, ..TaskRunFilter::default() };
        if let Some(wanted) = &self.flow_run {
            let named = find::flow_run(session, wanted).await?;
            task_runs.flow_run_id = Some(vec![named.run.id].into());
        }
        let sort = match (self.slowest, &self.flow_run) {
            (true, _) => TaskRunSort::RunTimeDesc,
            (false, Some(_)) => TaskRunSort::IdAsc,
            (false, None) => TaskRunSort::IdDesc,
        };
        let page = self.limit.page();
        let runs = session
            .call(FilterTaskRuns { task_runs, sort, page, ..FilterTaskRuns::default() })
            .await?;
        let runs = self.limit.cut(runs);
        let now = session.now();
        let warnings = if runs.items.is_empty() { unknown } else { Vec::new() };
        let table = Report::table(&runs.items, &columns(now), "No task runs.");
        Ok(table.lines(runs.rest).warnings(warnings))
    }
}

fn columns(now: Timestamp) -> [Column<'static, TaskRun>; 5] {
    [
        Column::new("NAME", |run: &TaskRun| run.name.clone()),
        Column::new("STATE", |run: &TaskRun| colour::name(run.state.as_ref()).to_owned())
            .colour(|run| Some(colour::of(run.state_type()))),
        Column::new("STARTED", move |run: &TaskRun| {
            run.start_time.map_or_else(|| "-".to_owned(), |start| moment::ago(start, now))
        }),
        Column::new("TOOK", move |run: &TaskRun| took(run, now)),
        Column::new("ID", |run: &TaskRun| run.id.to_string()).if_room(),
    ]
}

fn took(run: &TaskRun, now: Timestamp) -> String {
    let took = |start| run_time(Some(start), run.end_time, run.total_run_time, now);
    run.start_time.map(took).map(moment::took).unwrap_or_default()
}
