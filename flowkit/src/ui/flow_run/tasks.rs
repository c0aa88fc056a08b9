//! Tasks: the task runs of a flow run as a table.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::api::Client;
use crate::model::{FlowRun, FlowRunId, RunCounts, StateType, TaskRun, TaskRunId};
use crate::ui::part::{BY_WEIGHT, Badge, Timed, Took, bar, word};
use crate::ui::query::Params;
use crate::ui::runs::state;
use crate::ui::svg::Svg;
use crate::ui::text;
use crate::wire::{FilterTaskRuns, Page, TaskRunFilter, TaskRunSort, Text};
use crate::{Result, Timestamp};

/// How many task runs one page lists.
const LISTED: u32 = 50;

/// The task runs of a flow run.
#[derive(Template)]
#[template(path = "tasks.html")]
pub(super) struct Tasks {
    id: FlowRunId,
    total: String,
    /// The states that there are, to choose one.
    states: Vec<(String, String, bool)>,
    name: String,
    is_slowest: bool,
    by_call: String,
    by_time: String,
    rows: Vec<Row>,
    earlier: Option<String>,
    later: Option<String>,
    is_filtered: bool,
    others: Vec<(String, String)>,
}

impl HtmlSafe for Tasks {}

struct Row {
    id: TaskRunId,
    name: String,
    badge: Badge,
    message: Option<String>,
    /// When it began, counted from the beginning of the flow run.
    began: String,
    took: Took,
    bar: Svg,
    tries: u32,
    subflow: Option<FlowRunId>,
}

impl Tasks {
    /// Reads the task runs that an address asks for.
    pub(super) async fn read(
        client: &Client,
        run: &FlowRun,
        counts: &RunCounts,
        params: &Params,
        now: Timestamp,
    ) -> Result<Self> {
        let path = format!("/flow-runs/{}", run.id);
        let link = |changes: &[(&str, &str)]| format!("{}#tasks", params.with(changes).link(&path));
        let page: u32 = params.parse("page").unwrap_or(0);
        let is_slowest = params.get("sort") == Some("slowest");
        let mut runs = list(client, run.id, counts, params, page).await?;
        let has_later = runs.len() > LISTED as usize;
        runs.truncate(LISTED as usize);
        let longest = runs.iter().filter_map(|run| run.duration(now)).max().unwrap_or_default();
        let zero = run.start_time.unwrap_or(run.created);
        let row = |run: TaskRun| Row::new(run, zero, longest, now);
        let keep = ["log", "level", "zoom", "sort"];
        let others = keep
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), params.get(name)?.to_owned())));
        Ok(Self {
            id: run.id,
            total: text::number(counts.total()),
            states: choices(counts, params.get("state").unwrap_or_default()),
            name: params.text("task"),
            is_slowest,
            by_call: link(&[("sort", ""), ("page", "")]),
            by_time: link(&[("sort", "slowest"), ("page", "")]),
            rows: runs.into_iter().map(row).collect(),
            earlier: page.checked_sub(1).map(|page| {
                link(&[("page", if page == 0 { String::new() } else { page.to_string() }.as_str())])
            }),
            later: has_later.then(|| link(&[("page", &(page + 1).to_string())])),
            is_filtered: params.get("task").is_some() || params.get("state").is_some(),
            others: others.collect(),
        })
    }
}

async fn list(
    client: &Client,
    id: FlowRunId,
    counts: &RunCounts,
    params: &Params,
    page: u32,
) -> Result<Vec<TaskRun>> {
    let state = params.get("state").and_then(state);
    let kinds = state.as_ref().and_then(|state| state.kind.as_ref());
    // Nothing is looked for among a hundred thousand that the counts say is not there.
    if kinds.is_some_and(|kinds| kinds.any_.iter().flatten().all(|kind| counts.of(*kind) == 0)) {
        return Ok(Vec::new());
    }
    let name = params.get("task").map(|part| Text::holds(part.to_owned()));
    let is_slowest = params.get("sort") == Some("slowest");
    let ask = FilterTaskRuns {
        task_runs: TaskRunFilter {
            flow_run_id: Some(vec![id].into()),
            name,
            state,
            ..TaskRunFilter::default()
        },
        sort: if is_slowest { TaskRunSort::RunTimeDesc } else { TaskRunSort::IdAsc },
        page: Page { limit: LISTED + 1, offset: page.saturating_mul(LISTED) },
        ..FilterTaskRuns::default()
    };
    client.call(ask).await
}

fn choices(counts: &RunCounts, chosen: &str) -> Vec<(String, String, bool)> {
    let all = (String::new(), "Any state".to_owned(), chosen.is_empty());
    let is_there = |kind: &StateType| counts.of(*kind) > 0 || word(*kind) == chosen;
    let there = BY_WEIGHT.into_iter().filter(is_there).map(|kind| {
        let name = format!("{} ({})", kind.default_name(), text::number(counts.of(kind)));
        (word(kind).to_owned(), name, word(kind) == chosen)
    });
    let mut choices: Vec<_> = std::iter::once(all).chain(there).collect();
    if choices.iter().all(|(.., is_chosen)| !is_chosen) {
        choices.push((chosen.to_owned(), chosen.to_owned(), true));
    }
    choices
}

impl Row {
    fn new(run: TaskRun, zero: Timestamp, longest: std::time::Duration, now: Timestamp) -> Self {
        let state = run.state.as_ref();
        let kind = run.state_type();
        let message = super::message(state).filter(|_| kind != StateType::Completed);
        let began = |began: Timestamp| format!("+{}", text::took(began.since(zero)));
        Self {
            id: run.id,
            badge: Badge::of(state),
            message: message.map(|message| text::shorten(&message, 300)),
            began: run.start_time.map_or_else(|| "–".to_owned(), began),
            took: run.took(now),
            bar: bar(kind, run.duration(now), longest),
            tries: run.run_count,
            subflow: state.and_then(|state| state.details().child_flow_run_id),
            name: run.name,
        }
    }
}
