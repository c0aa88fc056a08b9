//! Row: one flow run in a list.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::api::Client;
use crate::model::{FlowId, FlowRun, FlowRunId, RunCounts, StateType};
use crate::ui::part::{Ago, Badge, Strip, Timed, Took, bar};
use crate::ui::query::Params;
use crate::ui::svg::Svg;
use crate::ui::text::shorten;
use crate::wire::{ReadFlow, ReadTaskRunCounts};
use crate::{ErrorKind, Result, Timestamp};

/// How much of a message a list shows.
const MESSAGE: usize = 300;

/// One flow run in a list.
#[derive(Template)]
#[template(path = "run_row.html")]
pub(crate) struct Row {
    id: FlowRunId,
    name: String,
    flow: String,
    flow_id: FlowId,
    badge: Badge,
    since: Option<Ago>,
    message: Option<String>,
    began: Option<Ago>,
    took: Took,
    bar: Svg,
    strip: Option<Strip>,
    tags: Vec<(String, String)>,
    is_subflow: bool,
}

impl HtmlSafe for Row {}

/// Flow runs as they are listed, with how far they are.
pub(crate) async fn rows(client: &Client, runs: Vec<FlowRun>, now: Timestamp) -> Result<Vec<Row>> {
    let flow_run_ids = runs.iter().map(|run| run.id).collect();
    let counts = client.call(ReadTaskRunCounts { flow_run_ids }).await?;
    let mut counts: HashMap<_, _> =
        counts.into_iter().map(|counted| (counted.flow_run_id, counted.counts)).collect();
    // One that has been running for a day would make all others look alike.
    let ended = runs.iter().filter(|run| run.state_type().is_terminal());
    let longest = ended.filter_map(|run| run.duration(now)).max();
    let longest = longest.or_else(|| runs.iter().filter_map(|run| run.duration(now)).max());
    let longest = longest.unwrap_or_default();
    let mut flows = HashMap::new();
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        let flow = match flows.get(&run.flow_id) {
            Some(known) => String::clone(known),
            None => flow_name(client, run.flow_id).await?,
        };
        flows.insert(run.flow_id, flow.clone());
        let counts = counts.remove(&run.id).unwrap_or_default();
        rows.push(Row::new(run, flow, &counts, longest, now));
    }
    Ok(rows)
}

/// The name of a flow; its id if it is gone.
pub(crate) async fn flow_name(client: &Client, id: FlowId) -> Result<String> {
    match client.call(ReadFlow { id }).await {
        Ok(flow) => Ok(flow.name),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(id.to_string()),
        Err(error) => Err(error),
    }
}

impl Row {
    fn new(
        run: FlowRun,
        flow: String,
        counts: &RunCounts,
        longest: Duration,
        now: Timestamp,
    ) -> Self {
        let kind = run.state_type();
        let state = run.state.as_ref();
        let tag = |tag: &String| (tag.clone(), Params::default().with(&[("tag", tag)]).link("/"));
        Self {
            id: run.id,
            badge: Badge::of(state),
            since: state.map(|state| Ago::new(state.timestamp, now)),
            message: message(&run, kind),
            began: run.start_time.map(|began| Ago::new(began, now)),
            took: run.took(now),
            bar: bar(kind, run.duration(now), longest),
            strip: Strip::new(counts),
            tags: run.tags.iter().map(tag).collect(),
            is_subflow: run.parent_task_run_id.is_some(),
            flow_id: run.flow_id,
            name: run.name,
            flow,
        }
    }
}

/// What the state says, unless it only says that all is well.
fn message(run: &FlowRun, kind: StateType) -> Option<String> {
    let message = run.state.as_ref()?.message.as_ref()?;
    let is_worth_it = kind != StateType::Completed && !message.is_empty();
    is_worth_it.then(|| shorten(message.trim(), MESSAGE))
}
