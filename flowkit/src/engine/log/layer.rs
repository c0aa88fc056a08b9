//! The layer that takes events inside runs to the store and to the console.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::super::scope::Scope;
use super::{CONSOLE_ONLY, console};
use crate::chance;
use crate::clock::Clock;
use crate::model::{Level, Log};
use crate::secret::redact;
use crate::settings::Settings;
use crate::wire::Record;

/// Takes events inside runs to the store, and all events to the console.
#[derive(Debug)]
pub struct LogLayer {
    to_console: bool,
    max_bytes: Option<usize>,
}

/// Which events flowkit takes: those of the level of `FLOWKIT_LOGGING_LEVEL` and above.
#[derive(Debug, Clone, Copy)]
pub struct LevelFilter {
    level: Level,
}

/// Makes the layer for a subscriber of one's own.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let settings = flowkit::settings::Settings::load()?;
/// let subscriber = tracing_subscriber::registry().with(flowkit::log::layer(&settings));
/// # drop(subscriber);
/// # Ok::<(), flowkit::Error>(())
/// ```
#[must_use]
pub fn layer<S>(settings: &Settings) -> Filtered<LogLayer, LevelFilter, S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let max_bytes = settings.logging_max_line_bytes();
    let layer = LogLayer {
        to_console: settings.logging_to_console(),
        max_bytes: max_bytes.map(|max| usize::try_from(max).unwrap_or(usize::MAX)),
    };
    layer.with_filter(LevelFilter { level: settings.logging_level() })
}

/// Makes the layer the subscriber of the whole program, unless it has one.
pub fn init(settings: &Settings) {
    // A program that set a subscriber of its own keeps it.
    let _ = tracing::subscriber::set_global_default(
        tracing_subscriber::registry().with(layer(settings)),
    );
}

impl LevelFilter {
    fn takes(self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && level_of(metadata) >= self.level
    }
}

impl<S> Filter<S> for LevelFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        self.takes(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.takes(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(match self.level {
            Level::Trace => tracing::level_filters::LevelFilter::TRACE,
            Level::Debug => tracing::level_filters::LevelFilter::DEBUG,
            Level::Info => tracing::level_filters::LevelFilter::INFO,
            Level::Warn => tracing::level_filters::LevelFilter::WARN,
            Level::Error => tracing::level_filters::LevelFilter::ERROR,
        })
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line::default();
        event.record(&mut line);
        let line = line.finish(self.max_bytes);
        let level = level_of(metadata);
        Scope::with(|scope| {
            if metadata.target() != CONSOLE_ONLY {
                store(scope, level, metadata.target(), &line);
            }
        });
        if self.to_console {
            console::show(level, metadata.target(), &line);
        }
    }
}

fn store(scope: &Scope, level: Level, target: &str, line: &Line) {
    if scope.flow.is_none() && scope.task.is_none() {
        return;
    }
    let now = scope.runtime.clock().now();
    scope.runtime.client().record(Record::Log(Log {
        id: chance::new_id(now).into(),
        name: target.to_owned(),
        level,
        message: line.message.clone(),
        timestamp: now,
        flow_run_id: scope.flow.as_ref().map(|flow| flow.id),
        task_run_id: scope.task.as_ref().map(|task| task.id),
        fields: line.fields.clone(),
    }));
}

fn level_of(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing::Level::TRACE => Level::Trace,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::INFO => Level::Info,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::ERROR => Level::Error,
    }
}

/// What an event says.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) message: String,
    pub(super) fields: BTreeMap<String, Value>,
    /// Who the line is about, when it says so itself.
    pub(super) label: Option<String>,
}

impl Line {
    /// The same line without secrets, and cut where the settings say so.
    fn finish(mut self, max_bytes: Option<usize>) -> Self {
        if let Some(max) = max_bytes
            && self.message.len() > max
        {
            let cut = self.message.floor_char_boundary(max);
            let left_out = self.message.len() - cut;
            self.message.truncate(cut);
            let _ = write!(self.message, " … ({left_out} bytes left out)");
        }
        if let std::borrow::Cow::Owned(clean) = redact(&self.message) {
            self.message = clean;
        }
        for value in self.fields.values_mut() {
            if let Value::String(text) = value
                && let std::borrow::Cow::Owned(clean) = redact(text)
            {
                *text = clean;
            }
        }
        self
    }

    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("run_label", Value::String(text)) => self.label = Some(text),
            (name, value) => drop(self.fields.insert(name.to_owned(), value)),
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
}

/// The time for console lines, which may be written outside a run.
pub(super) fn console_time() -> crate::Timestamp {
    Scope::with(|scope| scope.runtime.clock().now()).unwrap_or_else(|| Clock::system().now())
}
