//! Runs: the first page. What failed, since when and why; what is running now.

mod chart;
mod filter;
mod row;

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::State;

use self::chart::Chart;
pub(super) use self::filter::state;
use self::filter::{Choice, Wanted};
pub(super) use self::row::{Row, flow_name, rows};
use super::frame::{Answer, Frame, Section, show};
use super::query::Params;
use super::{part, text};
use crate::api::Client;
use crate::model::{FlowRun, StateType};
use crate::wire::{
    CountFlowRuns, FilterFlowRuns, FilterFlows, FlowRunFilter, FlowRunSort, Page,
    ReadTaskRunCounts, StateFilter, TimeSpan,
};
use crate::{Result, Timestamp};

/// How many runs one page lists.
const LISTED: u32 = 50;

#[derive(Template)]
#[template(path = "runs.html")]
struct RunsPage {
    frame: Frame,
    quick: Vec<Quick>,
    flows: Vec<String>,
    states: Vec<Choice>,
    ranges: Vec<Choice>,
    flow: String,
    tag: String,
    text: String,
    with_subflows: bool,
    /// The span of time that was chosen on the chart, to be kept by the form.
    span: Option<(String, String)>,
    is_filtered: bool,
    chart: Chart,
    rows: Vec<Row>,
    older: Option<String>,
    newest: Option<String>,
    /// Why there is nothing to see.
    empty: Option<&'static str>,
}

/// A list that is often wanted.
struct Quick {
    name: &'static str,
    href: String,
    count: Option<String>,
    is_chosen: bool,
}

/// The page of runs.
pub(super) async fn page(State(client): State<Client>, params: Params) -> Answer {
    let now = client.clock().now();
    let wanted = Wanted::read(&client, &params, now).await?;
    let mut runs = list(&client, &wanted, LISTED + 1).await?;
    let has_older = runs.len() > LISTED as usize;
    runs.truncate(LISTED as usize);
    let older = runs.last().filter(|_| has_older).map(|last| {
        let before = last.id.to_string();
        params.with(&[("before", &before)]).link("/")
    });
    let chart = Chart::read(&client, &wanted, &params).await?;
    let empty = if !runs.is_empty() {
        None
    } else if wanted.is_filtered() || params.get("before").is_some() {
        Some("No run is like that. Take a filter away, or choose a longer time.")
    } else {
        Some("Nothing has run yet. Call a flow, and it appears here by itself.")
    };
    let page = RunsPage {
        frame: Frame::live(Section::Runs, "Runs"),
        quick: quick(&client, &params, now).await?,
        flows: flows(&client).await?,
        states: wanted.state_choices(),
        ranges: wanted.range_choices(),
        flow: params.text("flow"),
        tag: params.text("tag"),
        text: params.text("q"),
        with_subflows: wanted.with_subflows(),
        span: wanted.chosen_span(&params),
        is_filtered: wanted.is_filtered(),
        chart,
        rows: rows(&client, runs, now).await?,
        older,
        newest: params.get("before").map(|_| params.with(&[("before", "")]).link("/")),
        empty,
    };
    show(&page)
}

async fn list(client: &Client, wanted: &Wanted, most: u32) -> Result<Vec<FlowRun>> {
    let flow_runs = wanted.listed();
    client
        .call(FilterFlowRuns {
            flow_runs,
            sort: FlowRunSort::IdDesc,
            page: Page::first(most),
            ..FilterFlowRuns::default()
        })
        .await
}

/// The names of flows, to choose one.
async fn flows(client: &Client) -> Result<Vec<String>> {
    let flows =
        client.call(FilterFlows { page: Page::first(200), ..FilterFlows::default() }).await?;
    Ok(flows.into_iter().map(|flow| flow.name).collect())
}

async fn quick(client: &Client, params: &Params, now: Timestamp) -> Result<Vec<Quick>> {
    let waiting = [StateType::Paused, StateType::Pending, StateType::Scheduled];
    let running = [StateType::Running, StateType::Cancelling];
    let of = |kinds: Vec<StateType>, created| FlowRunFilter {
        state: Some(StateFilter::from(kinds)),
        is_subflow: Some(false),
        created,
        ..FlowRunFilter::default()
    };
    let going_on = of([running.as_slice(), &waiting].concat(), None);
    let going_on =
        client.call(CountFlowRuns { flow_runs: going_on, ..CountFlowRuns::default() }).await?;
    let today = TimeSpan::since(now - filter::DAY);
    let failed = of(filter::WRONG.to_vec(), Some(today));
    let failed =
        client.call(CountFlowRuns { flow_runs: failed, ..CountFlowRuns::default() }).await?.total();
    let sum = |kinds: &[StateType]| kinds.iter().map(|kind| going_on.of(*kind)).sum::<u64>();
    let chosen = (params.get("state").unwrap_or(""), params.get("range").unwrap_or(""));
    let quick = |name, state: &'static str, range: &'static str, count: Option<u64>| Quick {
        name,
        href: Params::default().with(&[("state", state), ("range", range)]).link("/"),
        count: count.map(text::number),
        is_chosen: (state, range) == chosen,
    };
    Ok(vec![
        quick("All", "", "", None),
        quick("Running", "running", "all", Some(sum(&running))),
        quick("Waiting", "waiting", "all", Some(sum(&waiting))),
        quick("Failed in 24 h", "wrong", "24h", Some(failed)),
    ])
}

/// A number that changes with what the page of runs shows.
pub(super) async fn fingerprint(client: &Client, params: &Params) -> Result<u64> {
    let wanted = Wanted::read(client, params, client.clock().now()).await?;
    let runs = list(client, &wanted, LISTED).await?;
    let mut hasher = DefaultHasher::new();
    hash_runs(&runs, &mut hasher);
    let flow_run_ids = runs.iter().map(|run| run.id).collect();
    for counted in client.call(ReadTaskRunCounts { flow_run_ids }).await? {
        part::in_words(&counted.counts).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// Adds what a list of runs shows.
pub(super) fn hash_runs(runs: &[FlowRun], hasher: &mut DefaultHasher) {
    for run in runs {
        (run.id, run.updated, run.state.as_ref().map(|state| state.id)).hash(hasher);
    }
}
