//! News: events and log lines on their way to whoever listens right now.
//!
//! Telling never waits. Who does not keep up loses the oldest and hears that it did.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tokio::sync::broadcast;

use crate::model::Log;
use crate::wire::ReceivedEvent;

/// How much is remembered for those who are behind.
const REMEMBERED: usize = 1024;

/// Events and log lines on their way to whoever listens.
pub(crate) struct News {
    events: broadcast::Sender<Arc<Told<ReceivedEvent>>>,
    logs: broadcast::Sender<Arc<Told<Log>>>,
    is_serving: AtomicBool,
}

/// Something that was told, written down once for all who hear it.
#[derive(Debug)]
pub(crate) struct Told<T> {
    pub(crate) what: T,
    json: OnceLock<String>,
}

impl<T: Serialize> Told<T> {
    fn new(what: T) -> Arc<Self> {
        Arc::new(Self { what, json: OnceLock::new() })
    }

    /// Its JSON.
    pub(crate) fn json(&self) -> &str {
        // Our own types cannot fail to be written.
        self.json.get_or_init(|| serde_json::to_string(&self.what).unwrap_or_default())
    }
}

impl Default for News {
    fn default() -> Self {
        Self {
            events: broadcast::Sender::new(REMEMBERED),
            logs: broadcast::Sender::new(REMEMBERED),
            is_serving: AtomicBool::new(false),
        }
    }
}

impl News {
    /// From now on events are made of what happens, since somebody may ask for them.
    ///
    /// Programs that execute flows have nobody to ask, and tell nothing.
    pub(crate) fn serve(&self) {
        self.is_serving.store(true, Ordering::Relaxed);
    }

    /// Says whether somebody may ask for events.
    pub(crate) fn is_serving(&self) -> bool {
        self.is_serving.load(Ordering::Relaxed)
    }

    /// Hears of events from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<Arc<Told<ReceivedEvent>>> {
        self.events.subscribe()
    }

    /// Hears of log lines from now on.
    pub(crate) fn logs(&self) -> broadcast::Receiver<Arc<Told<Log>>> {
        self.logs.subscribe()
    }

    pub(crate) fn tell_events(&self, events: impl IntoIterator<Item = ReceivedEvent>) {
        if self.events.receiver_count() > 0 {
            // Nobody may be left by now.
            events.into_iter().for_each(|event| drop(self.events.send(Told::new(event))));
        }
    }

    pub(crate) fn tell_logs<'l>(&self, lines: impl IntoIterator<Item = &'l Log>) {
        if self.logs.receiver_count() > 0 {
            lines.into_iter().for_each(|line| drop(self.logs.send(Told::new(line.clone()))));
        }
    }
}
