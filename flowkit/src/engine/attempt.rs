//! Attempt: one try of a body, with its time limit, its stop signal and its panics.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::outcome::{Failure, FailureKind, Outcome};
use super::panic;
use crate::Error;
use crate::clock::{Clock, Timestamp};
use crate::model::State;

/// What bounds a try.
#[derive(Debug)]
pub(super) struct Limits<'a> {
    pub(super) timeout: Option<Duration>,
    pub(super) cancel: &'a CancellationToken,
    pub(super) clock: &'a Clock,
}

/// Executes one try. Async code stops at its next await, sync code sees the token.
pub(super) async fn run<T>(body: BoxFuture<'static, Outcome<T>>, limits: Limits<'_>) -> Outcome<T> {
    let Limits { timeout, cancel, clock } = limits;
    tokio::select! {
        biased;
        outcome = panic::catch(body) => outcome,
        () = cancel.cancelled() => {
            let error = Error::cancelled("the flow run was asked to stop");
            Err(Failure::of(FailureKind::Cancelled, error))
        }
        limit = time_limit(timeout, clock) => {
            cancel.cancel();
            let seconds = limit.as_secs_f64();
            let error = Error::timeout(format!("exceeded its timeout of {seconds} seconds"));
            Err(Failure::of(FailureKind::TimedOut, error))
        }
    }
}

async fn time_limit(timeout: Option<Duration>, clock: &Clock) -> Duration {
    match timeout {
        Some(limit) => {
            clock.sleep(limit).await;
            limit
        }
        None => std::future::pending().await,
    }
}

/// The state that a try that ended so is to have.
pub(super) fn proposed_state<T>(outcome: &Outcome<T>, now: Timestamp) -> State {
    match outcome {
        Ok(_) => State::completed(now),
        Err(failure) => failed_state(failure, now),
    }
}

/// The state of a run that ended with that failure.
pub(super) fn failed_state(failure: &Failure, now: Timestamp) -> State {
    let message = failure.message();
    match failure.kind {
        FailureKind::Returned | FailureKind::Panicked => {
            let mut state = State::failed(message, now);
            if !failure.may_retry {
                state.details_mut().retriable = Some(false);
            }
            state
        }
        FailureKind::TimedOut => State::timed_out(message, now),
        FailureKind::Cancelled => State::cancelled(now).with_message(message),
        FailureKind::NotReady => State::pending(now).named("NotReady").with_message(message),
    }
}
