//! May this run enter this state? Pure answers, shared by the engine, the server and the tests.
//!
//! Whoever wants to change the state of a run proposes it here, with the facts that the rules
//! need, and then does what the [`Verdict`] says. The rules are Prefect's: small functions named
//! after the policy that they enforce, tried in the order of the table at the top of
//! [`flow_run`] and [`task_run`]; the first one that objects decides. Where the versions of
//! Prefect differ, 2.20 and 3.x count, and a comment at the rule says what was chosen.
//!
//! A state that is written, whether accepted, rejected to or forced past the rules, goes through
//! [`bookkeeping`], which keeps the run's times and counters.
//!
//! No input, no output, no clock, no chance: the time and the chance of a jitter are arguments.

mod progress;
mod scheduled_time;
mod state_set;
mod transition;

pub mod bookkeeping;
pub mod final_state;
pub mod flow_run;
pub mod retry;
pub mod task_run;

use std::time::Duration;

use crate::model::{FlowRun, RetryPolicy, State, Tally, TaskRun};

/// What became of a proposed transition.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The proposed state is the run's new state, perhaps under another name.
    Accept(State),
    /// Another state is the run's state instead.
    Reject {
        /// That state. If it has the id of the run's current state, nothing is written.
        state: State,
        /// Why, for people.
        reason: String,
    },
    /// Nothing is written; the same proposal may succeed later.
    Wait {
        /// How much later. Exact: an API that tells whole seconds has to round up.
        delay: Duration,
        /// Why, for people.
        reason: String,
    },
    /// Nothing is written, and whoever proposed has to stop working on the run.
    Abort {
        /// Why, for people.
        reason: String,
    },
}

/// Where a run stands and how it came there, however it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The state that it is in.
    pub state: Option<&'a State>,
    /// When and how often it is tried again.
    pub policy: &'a RetryPolicy,
    /// Its times and counters.
    pub tally: Tally,
}

impl<'a> From<&'a FlowRun> for Standing<'a> {
    fn from(run: &'a FlowRun) -> Self {
        Self { state: run.state.as_ref(), policy: &run.empirical_policy, tally: run.into() }
    }
}

impl<'a> From<&'a TaskRun> for Standing<'a> {
    fn from(run: &'a TaskRun) -> Self {
        Self { state: run.state.as_ref(), policy: &run.empirical_policy, tally: run.into() }
    }
}

#[cfg(test)]
mod matrix;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sample;
