//! `flowkit flow-run ls`: the newest flow runs.

use std::time::Duration;

use clap::Args;
use flowkit::wire::{FilterFlowRuns, FlowRunFilter, Text, TimeSpan};
use flowkit::{Result, Timestamp, settings};

use crate::limit::Limit;
use crate::named_run::NamedRun;
use crate::report::Report;
use crate::session::Session;
use crate::state_filter::States;
use crate::table::Column;
use crate::{colour, moment};

/// List flow runs, the newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit flow-run ls
  flowkit flow-run ls --flow etl --state failed --state crashed --since 1d
  flowkit flow-run ls --tag nightly --limit 100 --output json")]
pub(crate) struct Ls {
    /// Only runs of this flow; may be repeated
    #[arg(long = "flow", value_name = "NAME")]
    flows: Vec<String>,
    #[command(flatten)]
    states: States,
    /// Only runs with this tag; with all of them if repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only runs that started within this time, such as `30m`, `2h` or `7d`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,
    #[command(flatten)]
    limit: Limit,
}

fn duration(text: &str) -> std::result::Result<Duration, &'static str> {
    settings::duration(text).ok_or("it is no duration such as 30m, 2h or 7d")
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let now = session.now();
        let unknown = self.states.unknown();
        let flow_runs = FlowRunFilter {
            flow_name: (!self.flows.is_empty())
                .then_some(Text { any_: Some(self.flows), ..Text::default() }),
            state: self.states.filter()?,
            tags: (!self.tags.is_empty()).then_some(self.tags.into()),
            start_time: self.since.map(|since| TimeSpan::since(now - since)),
            ..FlowRunFilter::default()
        };
        let page = self.limit.page();
        let newest = FilterFlowRuns { flow_runs, page, ..FilterFlowRuns::default() };
        let runs = self.limit.cut(session.call(newest).await?);
        let named = NamedRun::all(session, runs.items).await?;
        let warnings = if named.is_empty() { unknown } else { Vec::new() };
        let table = Report::table(&named, &columns(now), "No flow runs.");
        Ok(table.lines(runs.rest).warnings(warnings))
    }
}

fn columns(now: Timestamp) -> [Column<'static, NamedRun>; 6] {
    [
        Column::new("NAME", |named: &NamedRun| named.run.name.clone()),
        Column::new("FLOW", |named: &NamedRun| named.flow_name.clone()),
        Column::new("STATE", |named: &NamedRun| colour::name(named.run.state.as_ref()).to_owned())
            .colour(|named| Some(colour::of(named.run.state_type()))),
        Column::new("STARTED", move |named: &NamedRun| started(named, now)),
        Column::new("TOOK", move |named: &NamedRun| {
            named.run.start_time.map_or_else(String::new, |_| moment::took(named.run_time(now)))
        }),
        Column::new("ID", |named: &NamedRun| named.run.id.to_string()).if_room(),
    ]
}

/// When it started, or will.
fn started(NamedRun { run, .. }: &NamedRun, now: Timestamp) -> String {
    let starts = run.start_time.or(run.next_scheduled_start_time).or(run.expected_start_time);
    starts.map_or_else(|| "-".to_owned(), |starts| moment::ago(starts, now))
}
