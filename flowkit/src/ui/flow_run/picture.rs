//! Picture: the task runs of a flow run over time, with the edges between them.
//!
//! Up to a few hundred are drawn one by one; of more there are bands, one a task.

use std::collections::HashMap;

use askama::Template;
use askama::filters::HtmlSafe;

use super::bands;
use crate::api::Client;
use crate::model::{FlowRun, RunCounts, State, StateType, TaskInput, TaskRun, TaskRunId};
use crate::ui::part::{Timed, word};
use crate::ui::query::Params;
use crate::ui::svg::Svg;
use crate::ui::text;
use crate::wire::{FilterTaskRuns, Page, ReadTimeline, TaskRunFilter, TaskRunSort};
use crate::{Result, Timestamp};

/// Up to so many task runs are drawn one by one.
const ONE_BY_ONE: u32 = 300;

pub(super) const WIDTH: f64 = 1160.0;
pub(super) const TOP: f64 = 24.0;
pub(super) const MARGIN: f64 = 8.0;

/// How much larger the picture is drawn.
const ZOOMS: [u32; 4] = [1, 2, 5, 20];

/// A letter is about so wide.
const LETTER: f64 = 6.4;

/// The task runs of a flow run over time.
#[derive(Template)]
#[template(path = "picture.html")]
pub(super) struct Picture {
    svg: Option<Svg>,
    zooms: Vec<(String, String, bool)>,
    note: Option<String>,
}

impl HtmlSafe for Picture {}

impl Picture {
    /// Reads the task runs of a flow run and draws them.
    pub(super) async fn read(
        client: &Client,
        run: &FlowRun,
        states: &[State],
        counts: &RunCounts,
        params: &Params,
        now: Timestamp,
    ) -> Result<Self> {
        let zoom = params.parse("zoom").filter(|zoom| ZOOMS.contains(zoom)).unwrap_or(1);
        let path = format!("/flow-runs/{}", run.id);
        let link = |zoom: &u32| {
            let value = if *zoom == 1 { String::new() } else { zoom.to_string() };
            format!("{}#picture", params.with(&[("zoom", &value)]).link(&path))
        };
        let zooms = ZOOMS.iter().map(|each| (format!("{each}×"), link(each), *each == zoom));
        let zooms = zooms.collect();
        if counts.total() > u64::from(ONE_BY_ONE) {
            let ask = ReadTimeline { flow_run_id: run.id, spans: 116 };
            let timeline = client.call(ask).await?;
            let (counted, looked) = (text::number(counts.total()), text::number(timeline.sampled));
            let note = format!(
                "When its {counted} task runs were called, by task; told apart by {looked} of them."
            );
            let svg = bands::draw(&timeline, zoom);
            return Ok(Self { svg: Some(svg), zooms, note: Some(note) });
        }
        let ask = FilterTaskRuns {
            task_runs: TaskRunFilter {
                flow_run_id: Some(vec![run.id].into()),
                ..TaskRunFilter::default()
            },
            sort: TaskRunSort::IdAsc,
            page: Page::first(ONE_BY_ONE),
            ..FilterTaskRuns::default()
        };
        let runs = client.call(ask).await?;
        let svg = (!runs.is_empty()).then(|| Drawing::new(run, &runs, zoom, now).draw(states));
        Ok(Self { svg, zooms, note: None })
    }
}

/// A picture that is being drawn.
struct Drawing<'d> {
    runs: &'d [TaskRun],
    scale: Scale,
    row: f64,
    zoom: u32,
    now: Timestamp,
}

/// Where a moment lies.
pub(super) struct Scale {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) width: f64,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
    pub(super) fn x(&self, moment: Timestamp) -> f64 {
        let whole = self.until.since(self.from).as_micros().max(1) as f64;
        let part = moment.since(self.from).as_micros() as f64;
        MARGIN + (part / whole).min(1.0) * (self.width - 2.0 * MARGIN)
    }

    /// Draws the times along the top, at round distances.
    pub(super) fn axis(&self, svg: &mut Svg, height: f64) {
        const STEPS: [u64; 25] = [
            1,
            2,
            5,
            10,
            20,
            50,
            100,
            200,
            500,
            1_000,
            2_000,
            5_000,
            10_000,
            30_000,
            60_000,
            120_000,
            300_000,
            600_000,
            1_800_000,
            3_600_000,
            7_200_000,
            21_600_000,
            43_200_000,
            86_400_000,
            604_800_000,
        ];
        let whole = u64::try_from(self.until.since(self.from).as_millis()).unwrap_or(u64::MAX);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let most = (self.width / 110.0) as u64;
        let step = STEPS.into_iter().find(|step| whole / step <= most).unwrap_or(604_800_000);
        for number in 0..=whole / step {
            let offset = std::time::Duration::from_millis(number * step);
            let x = self.x(self.from + offset);
            svg.line("grid", [x, TOP - 6.0], [x, height]);
            if x + 50.0 < self.width {
                svg.text("axis", [x + 3.0, TOP - 10.0], &format!("+{}", text::took(offset)));
            }
        }
    }
}

impl<'d> Drawing<'d> {
    fn new(run: &FlowRun, runs: &'d [TaskRun], zoom: u32, now: Timestamp) -> Self {
        let first = runs.iter().map(|run| run.created).min();
        let from = run.start_time.into_iter().chain(first).min().unwrap_or(run.created);
        let last = runs.iter().map(|run| end(run, now)).max().unwrap_or(now);
        let until = run.end_time.unwrap_or(last).max(last);
        let width = WIDTH * f64::from(zoom);
        let row = match runs.len() {
            0..=40 => 22.0,
            41..=120 => 17.0,
            _ => 14.0,
        };
        Self { runs, scale: Scale { from, until, width }, row, zoom, now }
    }

    fn draw(&self, states: &[State]) -> Svg {
        #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
        let height = TOP + self.runs.len() as f64 * self.row + 14.0;
        let size = [self.scale.width, height];
        let label = format!("{} over time", text::count(self.runs.len() as u64, "task run"));
        let class = format!("timeline z{}", self.zoom);
        let mut svg = Svg::new(&class, size, &label).styled();
        self.scale.axis(&mut svg, height);
        self.edges(&mut svg);
        for (index, run) in self.runs.iter().enumerate() {
            self.bar(&mut svg, index, run);
        }
        self.states(&mut svg, states, height);
        svg.done()
    }

    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
    fn y(&self, index: usize) -> f64 {
        TOP + index as f64 * self.row
    }

    /// Where a run began; one that was not started, such as a cached one, only has an end.
    fn begin(&self, run: &TaskRun) -> f64 {
        let ended = run.kind().is_terminal().then(|| end(run, self.now));
        self.scale.x(run.start_time.or(ended).unwrap_or(run.created))
    }

    fn end(&self, run: &TaskRun) -> f64 {
        self.scale.x(end(run, self.now)).max(self.begin(run) + 3.0)
    }

    fn edges(&self, svg: &mut Svg) {
        let places: HashMap<TaskRunId, usize> =
            self.runs.iter().enumerate().map(|(index, run)| (run.id, index)).collect();
        for (index, run) in self.runs.iter().enumerate() {
            for input in run.task_inputs.values().flatten() {
                let TaskInput::TaskRun { id } = input else { continue };
                let Some(place) = places.get(id).copied() else { continue };
                let middle = self.row / 2.0;
                let from = [self.end(&self.runs[place]), self.y(place) + middle];
                let to = [self.begin(run), self.y(index) + middle];
                svg.curve("edge", from, to);
            }
        }
    }

    fn bar(&self, svg: &mut Svg, index: usize, run: &TaskRun) {
        let (x, end, y) = (self.begin(run), self.end(run), self.y(index));
        let kind = run.kind();
        let state = run.state.as_ref().map_or("Pending", |state| &state.name);
        let took = run.duration(self.now).map(text::took);
        let title = match &took {
            Some(took) => format!("{} · {state} · {took}", run.name),
            None => format!("{} · {state}", run.name),
        };
        let subflow = run.state.as_ref().and_then(|state| state.details().child_flow_run_id);
        let href = match subflow {
            Some(id) => format!("/flow-runs/{id}"),
            None => format!("/task-runs/{}", run.id),
        };
        let name = text::shorten(&run.name, 60);
        let shown = match sign(kind, subflow.is_some()) {
            "" => name,
            sign => format!("{sign} {name}"),
        };
        #[expect(clippy::cast_precision_loss, reason = "names are short")]
        let length = shown.chars().count() as f64 * LETTER;
        svg.link(&href, &title, |svg| {
            let height = self.row - 6.0;
            svg.rect(&format!("f-{}", word(kind)), [x, y + 3.0, end - x, height], 2.5);
            let base = y + self.row / 2.0 + 4.0;
            if end + 5.0 + length < self.scale.width {
                svg.text("name", [end + 5.0, base], &shown);
            } else if x - 5.0 - length > 0.0 {
                svg.text("name before", [x - 5.0, base], &shown);
            } else {
                svg.text("name over", [x + 6.0, base], &shown);
            }
        });
    }

    /// The states of the flow run itself, along the bottom.
    fn states(&self, svg: &mut Svg, states: &[State], height: f64) {
        let ends = states.iter().skip(1).map(|next| next.timestamp).chain([self.scale.until]);
        for (state, end) in states.iter().zip(ends) {
            let (x, end) = (self.scale.x(state.timestamp), self.scale.x(end));
            if end > x {
                svg.group(&format!("The flow run is {}", state.name), |svg| {
                    let class = format!("f-{}", word(state.kind));
                    svg.rect(&class, [x, height - 5.0, end - x, 4.0], 0.0);
                });
            }
        }
    }
}

/// When a run ended, or how far it is.
fn end(run: &TaskRun, now: Timestamp) -> Timestamp {
    run.end_time.unwrap_or(if run.kind().is_terminal() { run.updated } else { now })
}

/// What tells a state without its colour.
fn sign(kind: StateType, is_subflow: bool) -> &'static str {
    match kind {
        StateType::Failed | StateType::Crashed => "✕",
        StateType::Cancelled | StateType::Cancelling => "⊘",
        StateType::Running => "▸",
        StateType::Paused => "‖",
        StateType::Scheduled | StateType::Pending => "○",
        StateType::Completed if is_subflow => "↳",
        StateType::Completed => "",
    }
}
