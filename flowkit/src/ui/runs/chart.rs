//! Chart: runs over time, stacked by state.

use askama::Template;
use askama::filters::HtmlSafe;

use super::filter::Wanted;
use crate::api::Client;
use crate::model::{RunCounts, StateType};
use crate::ui::part::{BY_WEIGHT, Badge, in_words, word};
use crate::ui::query::Params;
use crate::ui::svg::Svg;
use crate::ui::text;
use crate::wire::{ReadRunHistory, RunHistory};
use crate::{Result, Timestamp};

const HEIGHT: f64 = 64.0;
const BAR: f64 = 10.0;

/// Runs over time.
#[derive(Template)]
#[template(path = "chart.html")]
pub(super) struct Chart {
    picture: Svg,
    legend: Vec<Entry>,
    /// What is seen, in words.
    total: String,
    range: &'static str,
    peak: String,
    ticks: Vec<Tick>,
    is_partial: bool,
    /// Away from a span that was chosen on the chart.
    all: Option<String>,
}

impl HtmlSafe for Chart {}

struct Entry {
    badge: Badge,
    count: String,
    href: String,
    is_chosen: bool,
}

/// A moment under the chart.
struct Tick {
    iso: String,
    text: String,
    /// How the script shows it: as a time of day or as a day.
    kind: &'static str,
}

impl Chart {
    /// Counts the runs that are wanted, and draws them.
    pub(super) async fn read(client: &Client, wanted: &Wanted, params: &Params) -> Result<Self> {
        let (from, until, spans) = (wanted.from, wanted.until, wanted.bars);
        let ask = ReadRunHistory { flow_runs: wanted.counted(), from, until, spans };
        let history = client.call(ask).await?;
        let mut totals = RunCounts::default();
        for (kind, runs) in history.spans.iter().flat_map(|counts| &counts.0) {
            *totals.0.entry(*kind).or_default() += runs;
        }
        let params = params.with(&[("before", "")]);
        let all = wanted.chosen_span(&params);
        Ok(Self {
            picture: draw(&history, wanted, &params),
            legend: legend(&totals, &params),
            total: text::count(totals.total(), "run"),
            range: wanted.range_name(),
            peak: text::number(peak(&history)),
            ticks: ticks(from, until),
            is_partial: history.is_partial,
            all: all.map(|_| params.with(&[("from", ""), ("to", "")]).link("/")),
        })
    }
}

fn peak(history: &RunHistory) -> u64 {
    history.spans.iter().map(RunCounts::total).max().unwrap_or(0)
}

fn legend(totals: &RunCounts, params: &Params) -> Vec<Entry> {
    let chosen = params.get("state").unwrap_or_default();
    let entry = |kind: StateType| {
        let is_chosen = chosen == word(kind);
        let state = if is_chosen { "" } else { word(kind) };
        Entry {
            badge: Badge::new(kind),
            count: text::number(totals.of(kind)),
            href: params.with(&[("state", state)]).link("/"),
            is_chosen,
        }
    };
    BY_WEIGHT.into_iter().filter(|kind| totals.of(*kind) > 0).map(entry).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
fn draw(history: &RunHistory, wanted: &Wanted, params: &Params) -> Svg {
    let (bars, peak) = (history.spans.len(), peak(history).max(1) as f64);
    let width = bars as f64 * BAR;
    let mut picture = Svg::new("chart", [width, HEIGHT], "Runs over time, by state").stretched();
    picture.line("grid", [0.0, HEIGHT - 0.5], [width, HEIGHT - 0.5]);
    picture.line("grid", [0.0, 0.5], [width, 0.5]);
    for (index, counts) in history.spans.iter().enumerate().filter(|(_, runs)| runs.total() > 0) {
        let (from, until) = (moment(wanted, index), moment(wanted, index + 1));
        let title = format!("{} – {}: {}", short(from), short(until), in_words(counts));
        let href =
            params.with(&[("from", &from.to_string()), ("to", &until.to_string()), ("range", "")]);
        picture.link(&href.link("/"), &title, |picture| {
            let x = index as f64 * BAR;
            picture.rect("hit", [x, 0.0, BAR, HEIGHT], 0.0);
            let mut bottom = HEIGHT;
            // What went wrong stands on the ground, where it is seen first.
            for kind in BY_WEIGHT.into_iter().filter(|kind| counts.of(*kind) > 0) {
                let share = counts.of(kind) as f64 * (HEIGHT - 4.0) / peak;
                let height = share.max(2.0).min(bottom);
                bottom -= height;
                let class = format!("f-{}", word(kind));
                picture.rect(&class, [x + 1.0, bottom, BAR - 2.0, height], 0.0);
            }
        });
    }
    picture.done()
}

fn moment(wanted: &Wanted, bar: usize) -> Timestamp {
    let whole = i128::from(wanted.until.as_micros() - wanted.from.as_micros());
    let offset = whole * i128::try_from(bar).unwrap_or(0) / i128::from(wanted.bars.max(1));
    Timestamp::from_micros(wanted.from.as_micros() + i64::try_from(offset).unwrap_or(0))
}

fn short(moment: Timestamp) -> String {
    moment.to_datetime().format("%m-%d %H:%M UTC").to_string()
}

fn ticks(from: Timestamp, until: Timestamp) -> Vec<Tick> {
    const TICKS: i64 = 4;
    let whole = until.as_micros().saturating_sub(from.as_micros());
    let is_day = until.since(from) > super::filter::DAY * 2;
    let (kind, format) = if is_day { ("day", "%m-%d") } else { ("time", "%H:%M") };
    let tick = |number: i64| {
        let moment = Timestamp::from_micros(from.as_micros() + whole / TICKS * number);
        let text = moment.to_datetime().format(format).to_string();
        Tick { iso: moment.to_string(), text, kind }
    };
    (0..=TICKS).map(tick).collect()
}
