//! How a proposed state is answered, for both kinds of run.

use serde::{Deserialize, Serialize};

use crate::model::State;
use crate::{Error, Result};

/// How a proposed state was answered.
///
/// The JSON is Prefect's `OrchestrationResult`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Told", into = "Told")]
pub enum SetStateAnswer {
    /// The state was written.
    Accept {
        /// As it was written.
        state: State,
    },
    /// Another state was written instead.
    Reject {
        /// The one that was written.
        state: State,
        /// Why.
        reason: String,
    },
    /// Nothing was written; ask again later.
    Wait {
        /// Seconds until then.
        delay_seconds: f64,
        /// Why.
        reason: String,
    },
    /// Nothing was written; stop.
    Abort {
        /// Why.
        reason: String,
    },
}

impl SetStateAnswer {
    /// The HTTP status of such an answer: 201 when a state was written, as Prefect has it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Accept { .. } | Self::Reject { .. } => 201,
            Self::Wait { .. } | Self::Abort { .. } => 200,
        }
    }
}

/// The answer as it travels.
#[derive(Clone, Serialize, Deserialize)]
struct Told {
    state: Option<State>,
    status: Status,
    #[serde(default)]
    details: Details,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Accept,
    Reject,
    Wait,
    Abort,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Details {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Details {
    fn of(kind: &str, reason: Option<String>) -> Self {
        Self { kind: kind.to_owned(), delay_seconds: None, reason }
    }
}

impl From<SetStateAnswer> for Told {
    fn from(answer: SetStateAnswer) -> Self {
        match answer {
            SetStateAnswer::Accept { state } => Self {
                state: Some(state),
                status: Status::Accept,
                details: Details::of("accept_details", None),
            },
            SetStateAnswer::Reject { state, reason } => Self {
                state: Some(state),
                status: Status::Reject,
                details: Details::of("reject_details", Some(reason)),
            },
            SetStateAnswer::Wait { delay_seconds, reason } => Self {
                state: None,
                status: Status::Wait,
                details: Details {
                    // Prefect waits whole seconds; less would be none at all.
                    delay_seconds: Some(delay_seconds.ceil()),
                    ..Details::of("wait_details", Some(reason))
                },
            },
            SetStateAnswer::Abort { reason } => Self {
                state: None,
                status: Status::Abort,
                details: Details::of("abort_details", Some(reason)),
            },
        }
    }
}

impl TryFrom<Told> for SetStateAnswer {
    type Error = Error;

    fn try_from(told: Told) -> Result<Self> {
        let reason = told.details.reason.unwrap_or_default();
        let state = || told.state.ok_or_else(|| Error::invalid("an answer without its state"));
        Ok(match told.status {
            Status::Accept => Self::Accept { state: state()? },
            Status::Reject => Self::Reject { state: state()?, reason },
            Status::Wait => {
                Self::Wait { delay_seconds: told.details.delay_seconds.unwrap_or(0.0), reason }
            }
            Status::Abort => Self::Abort { reason },
        })
    }
}
