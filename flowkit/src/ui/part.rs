//! Parts that many pages show: states, moments, durations, counts.

use std::fmt;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;

use super::svg::Svg;
use super::text;
use crate::Timestamp;
use crate::model::{FlowRun, RunCounts, State, StateType, TaskRun};

/// The word that stands for a type of state in classes and addresses.
pub(super) const fn word(kind: StateType) -> &'static str {
    match kind {
        StateType::Scheduled => "scheduled",
        StateType::Pending => "pending",
        StateType::Running => "running",
        StateType::Completed => "completed",
        StateType::Failed => "failed",
        StateType::Cancelled => "cancelled",
        StateType::Crashed => "crashed",
        StateType::Paused => "paused",
        StateType::Cancelling => "cancelling",
    }
}

/// The order in which types of state are stacked and listed: what wants to be seen first.
pub(super) const BY_WEIGHT: [StateType; 9] = [
    StateType::Failed,
    StateType::Crashed,
    StateType::Running,
    StateType::Cancelling,
    StateType::Paused,
    StateType::Pending,
    StateType::Scheduled,
    StateType::Completed,
    StateType::Cancelled,
];

/// A state: its sign, its name, its colour.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r##"<span class="state s-{{ word }}"><svg class="i" aria-hidden="true"><use href="#i-{{ word }}"/></svg>{{ name }}</span>"##
)]
pub(super) struct Badge {
    word: &'static str,
    name: String,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// The class that gives something else its colour.
    pub(super) fn class(&self) -> String {
        format!("s-{}", self.word)
    }

    pub(super) fn of(state: Option<&State>) -> Self {
        let kind = state.map_or(StateType::Pending, |state| state.kind);
        let name = state.map_or(kind.default_name(), |state| &state.name).to_owned();
        Self { word: word(kind), name }
    }

    pub(super) fn new(kind: StateType) -> Self {
        Self { word: word(kind), name: kind.default_name().to_owned() }
    }
}

/// A moment as the day and the time; the script shows it in the reader's own time zone.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r##"<time datetime="{{ iso }}" data-when title="{{ iso }}">{{ text }}</time>"##
)]
pub(super) struct When {
    iso: String,
    text: String,
}

impl HtmlSafe for When {}

impl When {
    pub(super) fn new(moment: Timestamp) -> Self {
        let text = moment.to_datetime().format("%Y-%m-%d %H:%M:%S").to_string();
        Self { iso: moment.to_string(), text }
    }
}

/// A moment as how long ago it was.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r##"<time datetime="{{ iso }}" data-ago title="{{ iso }}">{{ text }}</time>"##
)]
pub(super) struct Ago {
    iso: String,
    text: String,
}

impl HtmlSafe for Ago {}

impl Ago {
    pub(super) fn new(moment: Timestamp, now: Timestamp) -> Self {
        Self { iso: moment.to_string(), text: text::ago(moment, now) }
    }
}

/// How long a run has been running; that of one that goes on grows on an open page.
#[derive(Debug, Clone)]
pub(super) struct Took {
    text: String,
    since: Option<Timestamp>,
}

impl HtmlSafe for Took {}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since {
            Some(since) => write!(f, "<span data-since=\"{since}\">{}</span>", self.text),
            None => f.write_str(&self.text.replace('<', "&lt;")),
        }
    }
}

impl Took {
    /// Of a run that began and perhaps ended.
    pub(super) fn new(
        duration: Option<Duration>,
        running_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        match (running_since, duration) {
            (Some(since), _) => {
                let text = text::took(now.since(since)).replace('<', "&lt;");
                Self { text, since: Some(since) }
            }
            (None, Some(duration)) => Self { text: text::took(duration), since: None },
            (None, None) => Self { text: "–".to_owned(), since: None },
        }
    }
}

/// What flow runs and task runs have in common, as pages need it.
pub(super) trait Timed {
    fn began(&self) -> Option<Timestamp>;
    fn state(&self) -> Option<&State>;
    fn run_time(&self) -> f64;

    fn kind(&self) -> StateType {
        self.state().map_or(StateType::Pending, |state| state.kind)
    }

    /// Since when it is running, if it is.
    fn running_since(&self) -> Option<Timestamp> {
        let state = self.state()?;
        matches!(state.kind, StateType::Running | StateType::Cancelling).then_some(state.timestamp)
    }

    /// How long it has been running.
    fn duration(&self, now: Timestamp) -> Option<Duration> {
        self.began()?;
        let until_now = self.running_since().map_or(Duration::ZERO, |since| now.since(since));
        Some(Duration::try_from_secs_f64(self.run_time()).unwrap_or_default() + until_now)
    }

    fn took(&self, now: Timestamp) -> Took {
        Took::new(self.duration(now), self.running_since(), now)
    }
}

impl Timed for FlowRun {
    fn began(&self) -> Option<Timestamp> {
        self.start_time
    }

    fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    fn run_time(&self) -> f64 {
        self.total_run_time
    }
}

impl Timed for TaskRun {
    fn began(&self) -> Option<Timestamp> {
        self.start_time
    }

    fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    fn run_time(&self) -> f64 {
        self.total_run_time
    }
}

/// How long something is beside the longest, as a bar.
pub(super) fn bar(kind: StateType, duration: Option<Duration>, longest: Duration) -> Svg {
    let share = duration.map_or(0.0, |duration| {
        duration.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE)
    });
    let mut bar = Svg::new("bar", [100.0, 4.0], "").stretched();
    if duration.is_some() {
        let width = (share * 100.0).clamp(1.0, 100.0);
        bar.rect(&format!("f-{}", word(kind)), [0.0, 0.0, width, 4.0], 0.0);
    }
    bar.done()
}

/// Task runs by state, as a strip and in words.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = r##"<span class="strip" title="{{ title }}">{{ strip }}<span>{{ words }}</span></span>"##
)]
pub(super) struct Strip {
    title: String,
    strip: Svg,
    words: String,
}

impl HtmlSafe for Strip {}

impl Strip {
    /// None where there are no task runs.
    pub(super) fn new(counts: &RunCounts) -> Option<Self> {
        let total = counts.total();
        if total == 0 {
            return None;
        }
        let title = in_words(counts);
        let strip = stacked("tasks", counts);
        let failed = counts.of(StateType::Failed) + counts.of(StateType::Crashed);
        let ended: u64 =
            counts.0.iter().filter(|(kind, _)| kind.is_terminal()).map(|(_, runs)| runs).sum();
        let words = match (failed, ended) {
            (0, ended) if ended == total => text::number(total),
            (0, ended) => format!("{} / {}", text::number(ended), text::number(total)),
            (failed, _) => format!("{} ✕ of {}", text::number(failed), text::number(total)),
        };
        Some(Self { title, strip, words })
    }
}

/// Counts by state, one beside the other.
pub(super) fn stacked(class: &str, counts: &RunCounts) -> Svg {
    #[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
    let share = |runs: u64| runs as f64 * 100.0 / counts.total().max(1) as f64;
    let mut strip = Svg::new(class, [100.0, 4.0], &in_words(counts)).stretched();
    let mut x = 0.0;
    for kind in BY_WEIGHT.into_iter().filter(|kind| counts.of(*kind) > 0) {
        // A single failure among thousands must not vanish.
        let width = share(counts.of(kind)).max(2.0).min(100.0 - x);
        strip.rect(&format!("f-{}", word(kind)), [x, 0.0, width, 4.0], 0.0);
        x += width;
    }
    strip.done()
}

/// Counts as a text: `1 failed, 8 completed`.
pub(super) fn in_words(counts: &RunCounts) -> String {
    let parts = BY_WEIGHT.into_iter().filter(|kind| counts.of(*kind) > 0);
    let parts = parts.map(|kind| format!("{} {}", text::number(counts.of(kind)), word(kind)));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_say_what_went_wrong_first() {
        let counts = RunCounts(
            [(StateType::Completed, 9_998), (StateType::Failed, 2)].into_iter().collect(),
        );
        assert_eq!(in_words(&counts), "2 failed, 9\u{202f}998 completed");
        let strip = Strip::new(&counts).expect("there are runs").to_string();
        assert!(strip.contains("2 ✕ of 10\u{202f}000"), "{strip}");
        assert!(strip.contains("class=\"f-failed\" x=\"0\" y=\"0\" width=\"2\""), "{strip}");
    }

    #[test]
    fn names_of_states_are_escaped() {
        let mut state = State::completed(Timestamp::from_micros(0));
        state.name = "<b>Done</b>".into();
        let badge = Badge::of(Some(&state)).to_string();
        assert!(badge.contains("&#60;b&#62;Done"), "{badge}");
    }
}
