//! State: where a run stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{FlowRunId, StateId, TaskRunId};
use crate::Timestamp;
use crate::chance;

/// The nine kinds of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StateType {
    /// Waits for its time.
    Scheduled,
    /// Accepted, not started.
    Pending,
    /// Being executed.
    Running,
    /// Ended well.
    Completed,
    /// Ended with an error of its own.
    Failed,
    /// Ended because somebody asked for it.
    Cancelled,
    /// Ended because its process or machine did.
    Crashed,
    /// Waits for somebody to let it go on.
    Paused,
    /// Asked to end, not ended yet.
    Cancelling,
}

impl StateType {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Crashed,
        Self::Paused,
        Self::Cancelling,
    ];

    /// Says whether a run in such a state has ended.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Crashed)
    }

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i64 {
        self as i64
    }

    /// The type with that number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// The spelling of Prefect's API, upper case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Crashed => "CRASHED",
            Self::Paused => "PAUSED",
            Self::Cancelling => "CANCELLING",
        }
    }

    /// The name that a state of this type has unless it is given another one.
    #[must_use]
    pub const fn default_name(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Crashed => "Crashed",
            Self::Paused => "Paused",
            Self::Cancelling => "Cancelling",
        }
    }
}

impl fmt::Display for StateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StateType {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ").to_lowercase();
            crate::Error::invalid(format!("no state type `{text}`; the types are {all}"))
        })
    }
}

/// Where a run stands: a type, a name that says it finer, since when, and why.
///
/// The names are Prefect's: a `Scheduled` state may be called `Late` or
/// `AwaitingRetry`, a `Completed` one `Cached`, a `Failed` one `TimedOut`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Given")]
pub struct State {
    /// Names this state.
    pub id: StateId,
    /// What kind of state it is.
    #[serde(rename = "type")]
    pub kind: StateType,
    /// The finer name.
    pub name: Cow<'static, str>,
    /// Since when.
    pub timestamp: Timestamp,
    /// Why, for people.
    pub message: Option<String>,
    /// The result's record, opaque here.
    pub data: Option<Value>,
    // Most states have nothing to say here and then hold nothing; see `State::details`.
    #[serde(rename = "state_details", serialize_with = "or_empty")]
    details: Option<Box<StateDetails>>,
}

/// Prefect always writes the object, if only an empty one.
#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn or_empty<S: serde::Serializer>(
    details: &Option<Box<StateDetails>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    details.as_deref().unwrap_or(StateDetails::EMPTY).serialize(to)
}

/// A state as clients write it: one that is proposed has neither id nor time, and seldom a name.
#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    id: Option<StateId>,
    #[serde(rename = "type")]
    kind: StateType,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    state_details: Option<StateDetails>,
}

impl From<Given> for State {
    fn from(given: Given) -> Self {
        let usual = given.kind.default_name();
        let mut details = given.state_details.unwrap_or_default();
        details.other.retain(|_, value| !value.is_null() && *value != Value::Bool(false));
        Self {
            id: given.id.unwrap_or_default(),
            kind: given.kind,
            name: match given.name {
                Some(name) if !name.is_empty() && name != usual => name.into(),
                Some(_) | None => usual.into(),
            },
            timestamp: given.timestamp.unwrap_or_default(),
            message: given.message,
            data: given.data,
            details: (details != *StateDetails::EMPTY).then(|| Box::new(details)),
        }
    }
}

/// What rules and services need to know of a state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StateDetails {
    /// The flow run that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_run_id: Option<TaskRunId>,
    /// The flow run that the task run stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_flow_run_id: Option<FlowRunId>,
    /// When a scheduled run is to start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_time: Option<Timestamp>,
    /// Under which key the result may be found again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_key: Option<String>,
    /// Until when the result may be found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_expiration: Option<Timestamp>,
    /// When a paused run stops waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_timeout: Option<Timestamp>,
    /// Whether a paused run leaves its process.
    #[serde(deserialize_with = "super::or_default", skip_serializing_if = "std::ops::Not::not")]
    pub pause_reschedule: bool,
    /// Which pause it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_key: Option<String>,
    /// Whether the cache is to be passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_cache: Option<bool>,
    /// Whether a failure may be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retriable: Option<bool>,
    /// Makes a proposal that is sent twice count once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition_id: Option<Uuid>,
    /// What newer versions of the protocol add.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl StateDetails {
    /// Details that say nothing.
    pub const EMPTY: &'static Self = &Self {
        flow_run_id: None,
        task_run_id: None,
        child_flow_run_id: None,
        scheduled_time: None,
        cache_key: None,
        cache_expiration: None,
        pause_timeout: None,
        pause_reschedule: false,
        pause_key: None,
        refresh_cache: None,
        retriable: None,
        transition_id: None,
        other: BTreeMap::new(),
    };
}

impl State {
    /// A state of that type under its usual name.
    #[must_use]
    pub fn new(kind: StateType, now: Timestamp) -> Self {
        Self {
            id: chance::new_id(now).into(),
            kind,
            name: Cow::Borrowed(kind.default_name()),
            timestamp: now,
            message: None,
            data: None,
            details: None,
        }
    }

    /// Waits until `at`.
    #[must_use]
    pub fn scheduled(at: Timestamp, now: Timestamp) -> Self {
        let mut state = Self::new(StateType::Scheduled, now);
        state.details_mut().scheduled_time = Some(at);
        state
    }

    /// Waits until `at` before it is tried again.
    #[must_use]
    pub fn awaiting_retry(at: Timestamp, now: Timestamp) -> Self {
        Self::scheduled(at, now).named("AwaitingRetry")
    }

    /// Accepted, not started.
    #[must_use]
    pub fn pending(now: Timestamp) -> Self {
        Self::new(StateType::Pending, now)
    }

    /// Being executed.
    #[must_use]
    pub fn running(now: Timestamp) -> Self {
        Self::new(StateType::Running, now)
    }

    /// Ended well.
    #[must_use]
    pub fn completed(now: Timestamp) -> Self {
        Self::new(StateType::Completed, now)
    }

    /// Ended well without being run, since its result was known.
    #[must_use]
    pub fn cached(now: Timestamp) -> Self {
        Self::completed(now).named("Cached")
    }

    /// Ended with an error.
    #[must_use]
    pub fn failed(message: impl Into<String>, now: Timestamp) -> Self {
        Self::new(StateType::Failed, now).with_message(message)
    }

    /// Ended because it took too long.
    #[must_use]
    pub fn timed_out(message: impl Into<String>, now: Timestamp) -> Self {
        Self::failed(message, now).named("TimedOut")
    }

    /// Ended because somebody asked for it.
    #[must_use]
    pub fn cancelled(now: Timestamp) -> Self {
        Self::new(StateType::Cancelled, now)
    }

    /// Asked to end.
    #[must_use]
    pub fn cancelling(now: Timestamp) -> Self {
        Self::new(StateType::Cancelling, now)
    }

    /// Ended because its process or machine did.
    #[must_use]
    pub fn crashed(message: impl Into<String>, now: Timestamp) -> Self {
        Self::new(StateType::Crashed, now).with_message(message)
    }

    /// Waits for somebody to let it go on, at most until `timeout`.
    #[must_use]
    pub fn paused(timeout: Option<Timestamp>, now: Timestamp) -> Self {
        let mut state = Self::new(StateType::Paused, now);
        state.details_mut().pause_timeout = timeout;
        state
    }

    /// The same state under another name.
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = Cow::Borrowed(name);
        self
    }

    /// The same state with a message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// The same state with a result's record.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Gives a state that somebody proposed what it lacks: an id, and `now` as its time.
    pub fn settle(&mut self, now: Timestamp) {
        if self.timestamp == Timestamp::default() {
            self.timestamp = now;
        }
        if self.id.is_nil() {
            self.id = chance::new_id(self.timestamp).into();
        }
    }

    /// What rules and services need to know of it.
    #[must_use]
    pub fn details(&self) -> &StateDetails {
        self.details.as_deref().unwrap_or(StateDetails::EMPTY)
    }

    /// The details, to be changed.
    pub fn details_mut(&mut self) -> &mut StateDetails {
        self.details.get_or_insert_default()
    }

    /// Says whether the run has ended.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.kind.is_terminal()
    }

    /// Says whether the run has ended well.
    #[must_use]
    pub const fn is_completed(&self) -> bool {
        matches!(self.kind, StateType::Completed)
    }
}

/// As a log line says it: `Completed()`, or `Failed('why')`.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}('{message}')", self.name),
            None => write!(f, "{}()", self.name),
        }
    }
}
