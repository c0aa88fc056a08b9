//! Flows: each with how its last runs went.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State as Shared};

use super::frame::{Answer, Frame, Section, show};
use super::part::{Ago, BY_WEIGHT, Badge, Timed, in_words, word};
use super::query::Params;
use super::runs::{self, Row};
use super::svg::Svg;
use super::text;
use crate::api::Client;
use crate::model::{Flow, FlowId, FlowRun, RunCounts, StateType};
use crate::wire::{
    FilterFlowRuns, FilterFlows, FlowFilter, FlowRunFilter, FlowRunSort, Page, ReadFlow, Text,
};
use crate::{Error, Result, Timestamp};

/// How many flows one page lists.
const LISTED: u32 = 50;

/// How many of its last runs tell how a flow goes.
const LOOKED_AT: u32 = 40;

#[derive(Template)]
#[template(path = "flows.html")]
struct FlowsPage {
    frame: Frame,
    text: String,
    flows: Vec<Summary>,
    earlier: Option<String>,
    later: Option<String>,
}

#[derive(Template)]
#[template(path = "flow.html")]
struct FlowPage {
    frame: Frame,
    flow: Summary,
    created: Ago,
    all: String,
    rows: Vec<Row>,
}

/// A flow with how its last runs went.
struct Summary {
    id: FlowId,
    name: String,
    tags: Vec<String>,
    strip: Svg,
    last: Option<(Badge, Ago)>,
    rate: Option<String>,
    rate_of: String,
    median: Option<String>,
    runs: String,
}

/// The page of flows.
pub(super) async fn list(Shared(client): Shared<Client>, params: Params) -> Answer {
    let now = client.clock().now();
    let page: u32 = params.parse("page").unwrap_or(0);
    let mut flows = read(&client, &params, page).await?;
    let has_later = flows.len() > LISTED as usize;
    flows.truncate(LISTED as usize);
    let mut summaries = Vec::with_capacity(flows.len());
    for flow in flows {
        let runs = last_runs(&client, flow.id, LOOKED_AT).await?;
        summaries.push(Summary::new(flow, &runs, now));
    }
    let to = |page: u32| params.with(&[("page", &page.to_string())]).link("/flows");
    show(&FlowsPage {
        frame: Frame::live(Section::Flows, "Flows"),
        text: params.text("q"),
        flows: summaries,
        earlier: page.checked_sub(1).map(to),
        later: has_later.then(|| to(page + 1)),
    })
}

async fn read(client: &Client, params: &Params, page: u32) -> Result<Vec<Flow>> {
    let name = params.get("q").map(|part| Text::holds(part.to_owned()));
    let page = Page { limit: LISTED + 1, offset: page.saturating_mul(LISTED) };
    let flows = FlowFilter { name, ..FlowFilter::default() };
    client.call(FilterFlows { flows, page, ..FilterFlows::default() }).await
}

async fn last_runs(client: &Client, id: FlowId, most: u32) -> Result<Vec<FlowRun>> {
    let flow_runs = FlowRunFilter { flow_id: Some(vec![id].into()), ..FlowRunFilter::default() };
    let ask = FilterFlowRuns {
        flow_runs,
        sort: FlowRunSort::IdDesc,
        page: Page::first(most),
        ..FilterFlowRuns::default()
    };
    client.call(ask).await
}

/// The page of a flow.
pub(super) async fn page(Shared(client): Shared<Client>, Path(id): Path<String>) -> Answer {
    let id = read_id(&id)?;
    let now = client.clock().now();
    let flow = client.call(ReadFlow { id }).await?;
    let runs = last_runs(&client, id, LOOKED_AT).await?;
    let all = Params::default().with(&[("flow", &flow.name), ("sub", "1"), ("range", "all")]);
    show(&FlowPage {
        frame: Frame::live(Section::Flows, flow.name.clone()),
        created: Ago::new(flow.created, now),
        all: all.link("/"),
        flow: Summary::new(flow, &runs, now),
        rows: runs::rows(&client, runs, now).await?,
    })
}

fn read_id(text: &str) -> Result<FlowId> {
    text.parse().map_err(|_| Error::not_found(format!("flow '{text}'")))
}

impl Summary {
    fn new(flow: Flow, runs: &[FlowRun], now: Timestamp) -> Self {
        let mut counts = RunCounts::default();
        for run in runs {
            *counts.0.entry(run.state_type()).or_default() += 1;
        }
        let wrong = counts.of(StateType::Failed) + counts.of(StateType::Crashed);
        let judged = wrong + counts.of(StateType::Completed);
        let rate =
            (judged > 0).then(|| format!("{} %", counts.of(StateType::Completed) * 100 / judged));
        let rate_of =
            format!("of the last {}: {}", text::count(runs.len() as u64, "run"), in_words(&counts));
        let last = runs.first().and_then(|run| run.state.as_ref());
        Self {
            id: flow.id,
            name: flow.name,
            tags: flow.tags,
            strip: strip(runs, now),
            last: last.map(|state| (Badge::of(Some(state)), Ago::new(state.timestamp, now))),
            rate,
            rate_of,
            median: median(runs, now).map(text::took),
            runs: text::count(runs.len() as u64, "run"),
        }
    }
}

/// The duration that half of the runs that completed stayed below.
fn median(runs: &[FlowRun], now: Timestamp) -> Option<Duration> {
    let completed = runs.iter().filter(|run| run.state_type() == StateType::Completed);
    let mut durations: Vec<_> = completed.filter_map(|run| run.duration(now)).collect();
    durations.sort_unstable();
    durations.get(durations.len().checked_sub(1)? / 2).copied()
}

/// The last runs from left to right, the newest last, each as tall as it took long.
#[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
fn strip(runs: &[FlowRun], now: Timestamp) -> Svg {
    const STEP: f64 = 6.0;
    const HEIGHT: f64 = 22.0;
    let size = [f64::from(LOOKED_AT) * STEP, HEIGHT];
    let mut svg = Svg::new("last-runs", size, "The last runs, the newest on the right").fixed(size);
    let longest = runs.iter().filter_map(|run| run.duration(now)).max().unwrap_or_default();
    let longest = longest.as_secs_f64().max(f64::MIN_POSITIVE);
    let skipped = (LOOKED_AT as usize).saturating_sub(runs.len());
    let place = |index: usize, run: &FlowRun| {
        let share = run.duration(now).unwrap_or_default().as_secs_f64() / longest;
        let height = 4.0 + share * (HEIGHT - 8.0);
        [(index + skipped) as f64 * STEP, HEIGHT - height, STEP - 1.5, height]
    };
    for kind in BY_WEIGHT {
        let of_kind = runs.iter().rev().enumerate().filter(|(_, run)| run.state_type() == kind);
        let rects: Vec<_> = of_kind.map(|(index, run)| place(index, run)).collect();
        svg.rects(&format!("f-{}", word(kind)), &rects);
        // A mark on top tells them apart without the colour.
        if matches!(kind, StateType::Failed | StateType::Crashed) {
            let marks = rects.iter().map(|[x, y, width, _]| [*x, y - 4.0, *width, 2.0]);
            svg.rects("mark", &marks.collect::<Vec<_>>());
        }
    }
    svg.done()
}

/// A number that changes with what the page of flows shows.
pub(super) async fn fingerprint(client: &Client, params: &Params) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for flow in read(client, params, params.parse("page").unwrap_or(0)).await? {
        runs::hash_runs(&last_runs(client, flow.id, 1).await?, &mut hasher);
    }
    Ok(hasher.finish())
}

/// A number that changes with what the page of a flow shows.
pub(super) async fn fingerprint_of(client: &Client, id: &str) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    runs::hash_runs(&last_runs(client, read_id(id)?, LOOKED_AT).await?, &mut hasher);
    Ok(hasher.finish())
}
