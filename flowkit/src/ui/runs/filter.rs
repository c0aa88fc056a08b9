//! Filter: which runs an address of the page means.

use std::time::Duration;

use crate::api::Client;
use crate::model::{FlowRunId, StateType};
use crate::ui::part::word;
use crate::ui::query::Params;
use crate::wire::{
    FilterFlowRuns, FlowRunFilter, FlowRunSort, Page, ReadFlowByName, StateFilter, Tags, Text,
    TimeSpan,
};
use crate::{ErrorKind, Result, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The types of state of runs that ended as they should not.
pub(super) const WRONG: [StateType; 2] = [StateType::Failed, StateType::Crashed];

/// A span of time that ends now: its word, its name, how long it is, and how long a bar of its chart.
struct Range {
    word: &'static str,
    name: &'static str,
    length: Duration,
    bar: Duration,
}

#[rustfmt::skip]
const RANGES: [Range; 5] = [
    Range { word: "1h",  name: "Last hour",     length: HOUR,                   bar: MINUTE },
    Range { word: "24h", name: "Last 24 hours", length: DAY,                    bar: Duration::from_secs(30 * 60) },
    Range { word: "7d",  name: "Last 7 days",   length: DAY.saturating_mul(7),  bar: Duration::from_secs(3 * 3600) },
    Range { word: "30d", name: "Last 30 days",  length: DAY.saturating_mul(30), bar: Duration::from_secs(12 * 3600) },
    // The list has no end then; the chart covers a year.
    Range { word: "all", name: "All time",      length: DAY.saturating_mul(364), bar: DAY.saturating_mul(7) },
];

/// An entry of a list of choices.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

/// Which runs an address means.
pub(super) struct Wanted {
    filter: FlowRunFilter,
    state: String,
    range: &'static str,
    /// Whether the list goes on behind the span of the chart.
    is_endless: bool,
    before: Option<FlowRunId>,
    /// The span of time of the chart, and how many bars it has.
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) bars: u32,
    has_span: bool,
}

impl Wanted {
    /// Reads what an address says; what it says wrongly counts as not said.
    pub(super) async fn read(client: &Client, params: &Params, now: Timestamp) -> Result<Self> {
        let mut filter = FlowRunFilter {
            name: params.get("q").map(like),
            state: params.get("state").and_then(state),
            tags: params.get("tag").map(tags),
            is_subflow: (params.get("sub") != Some("1")).then_some(false),
            ..FlowRunFilter::default()
        };
        if let Some(name) = params.get("flow") {
            match client.call(ReadFlowByName { name: name.to_owned() }).await {
                Ok(flow) => filter.flow_id = Some(vec![flow.id].into()),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    filter.flow_name = Some(like(name));
                }
                Err(error) => return Err(error),
            }
        }
        let mut wanted = Self {
            filter,
            state: params.text("state"),
            range: "",
            is_endless: false,
            before: params.parse("before"),
            from: now,
            until: now,
            bars: 0,
            has_span: false,
        };
        let (from, until) = (params.parse("from"), params.parse::<Timestamp>("to"));
        if let Some((from, until)) = from.zip(until).filter(|(from, until)| from < until) {
            (wanted.from, wanted.until, wanted.bars, wanted.has_span) = (from, until, 60, true);
            return Ok(wanted);
        }
        let asked = params.get("range");
        let chosen = RANGES.iter().find(|range| Some(range.word) == asked);
        let range = match chosen {
            Some(range) => range,
            None => wanted.fitting(client, now).await?,
        };
        wanted.choose(range, now);
        Ok(wanted)
    }

    /// The first range in which there is something to see.
    async fn fitting(&self, client: &Client, now: Timestamp) -> Result<&'static Range> {
        let newest = FilterFlowRuns {
            flow_runs: self.filter.clone(),
            sort: FlowRunSort::IdDesc,
            page: Page::first(1),
            ..FilterFlowRuns::default()
        };
        let newest = client.call(newest).await?;
        let age = newest.first().map_or(Duration::ZERO, |run| now.since(run.id.moment()));
        let fitting = RANGES.iter().skip(1).find(|range| age < range.length);
        Ok(fitting.unwrap_or(&RANGES[RANGES.len() - 1]))
    }

    /// The span of a range: it ends with the bar in which now is.
    fn choose(&mut self, range: &'static Range, now: Timestamp) {
        let bar = i64::try_from(range.bar.as_micros()).unwrap_or(i64::MAX);
        let behind = now.as_micros().div_euclid(bar).saturating_add(1).saturating_mul(bar);
        self.until = Timestamp::from_micros(behind);
        self.from = self.until - range.length;
        self.bars = u32::try_from(range.length.as_secs() / range.bar.as_secs()).unwrap_or(60);
        self.range = range.word;
        self.is_endless = range.word == "all";
    }

    /// What the chart counts.
    pub(super) fn counted(&self) -> FlowRunFilter {
        self.filter.clone()
    }

    /// What the list shows.
    pub(super) fn listed(&self) -> FlowRunFilter {
        let span = TimeSpan::between(self.from, self.until);
        FlowRunFilter {
            created: (!self.is_endless).then_some(span),
            made_before: self.before,
            ..self.filter.clone()
        }
    }

    pub(super) fn with_subflows(&self) -> bool {
        self.filter.is_subflow.is_none()
    }

    /// Says whether anything but the time is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        let nothing =
            FlowRunFilter { is_subflow: self.filter.is_subflow, ..FlowRunFilter::default() };
        self.filter != nothing || self.has_span || self.with_subflows()
    }

    /// The span that was chosen on the chart.
    pub(super) fn chosen_span(&self, params: &Params) -> Option<(String, String)> {
        self.has_span.then(|| (params.text("from"), params.text("to")))
    }

    pub(super) fn range_name(&self) -> &'static str {
        let chosen = RANGES.iter().find(|range| range.word == self.range);
        chosen.map_or("Chosen span", |range| range.name)
    }

    pub(super) fn range_choices(&self) -> Vec<Choice> {
        let choice = |range: &Range| Choice {
            value: range.word.to_owned(),
            name: range.name.to_owned(),
            is_chosen: range.word == self.range,
        };
        RANGES.iter().map(choice).collect()
    }

    pub(super) fn state_choices(&self) -> Vec<Choice> {
        let groups = [
            ("", "Any state"),
            ("wrong", "Failed or crashed"),
            ("running", "Running"),
            ("waiting", "Waiting"),
        ];
        let groups = groups.map(|(value, name)| (value, name.to_owned()));
        let kinds = StateType::ALL.into_iter().filter(|kind| *kind != StateType::Running);
        let kinds = kinds.map(|kind| (word(kind), kind.default_name().to_owned()));
        let mut choices: Vec<Choice> = groups
            .into_iter()
            .chain(kinds)
            .map(|(value, name)| Choice {
                value: value.to_owned(),
                name,
                is_chosen: value == self.state,
            })
            .collect();
        if choices.iter().all(|choice| !choice.is_chosen) {
            let (value, name) = (self.state.clone(), self.state.clone());
            choices.push(Choice { value, name, is_chosen: true });
        }
        choices
    }
}

/// What a word for states means: a group, a type, or the name of a state.
pub(crate) fn state(word: &str) -> Option<StateFilter> {
    let kinds = match word {
        "wrong" => WRONG.to_vec(),
        "running" => vec![StateType::Running, StateType::Cancelling],
        "waiting" => vec![StateType::Scheduled, StateType::Pending, StateType::Paused],
        "unfinished" => StateType::ALL.into_iter().filter(|kind| !kind.is_terminal()).collect(),
        other => match other.parse() {
            Ok(kind) => vec![kind],
            Err(_) => {
                return Some(vec![other.to_owned()].into());
            }
        },
    };
    Some(StateFilter::from(kinds))
}

fn like(text: &str) -> Text {
    Text::holds(text.to_owned())
}

fn tags(text: &str) -> Tags {
    let all_ = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
    all_.collect::<Vec<_>>().into()
}
