//! Attempt: one try of a body, with its time limit, its stop signal and its panics.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::outcome::{Failure, FailureKind, Outcome};
use super::panic;
use crate::Error;
use crate::Timestamp;
use crate::clock::Clock;
use crate::model::State;

/// What bounds a try.
#[derive(Debug)]
pub(super) struct Limits<'a> {
    pub(super) timeout: Option<Duration>,
    pub(super) cancel: &'a CancellationToken,
    /// Runs inside the body, which come to their ends before a body that is stopped is dropped.
    pub(super) inside: &'a TaskTracker,
    pub(super) clock: &'a Clock,
}

/// Why a try was stopped.
#[derive(Debug, Clone, Copy)]
enum Stopped {
    Cancelled,
    TimedOut(Duration),
}

impl Stopped {
    fn failure(self) -> Failure {
        match self {
            Self::Cancelled => {
                let error = Error::cancelled("the flow run was asked to stop");
                Failure::of(FailureKind::Cancelled, error)
            }
            Self::TimedOut(limit) => {
                let seconds = limit.as_secs_f64();
                let error = Error::timeout(format!("exceeded its timeout of {seconds} seconds"));
                Failure::of(FailureKind::TimedOut, error)
            }
        }
    }
}

/// Executes one try. Async code stops at its next await, sync code sees the token.
///
/// A body that is stopped is dropped once the runs inside it have come to their ends. One that
/// hears of it first and returns an error of its own was stopped all the same.
pub(super) async fn run<T>(body: BoxFuture<'static, Outcome<T>>, limits: Limits<'_>) -> Outcome<T> {
    let why = OnceLock::new();
    tokio::select! {
        biased;
        outcome = panic::catch(body) => outcome.map_err(|failure| {
            let heard = limits.cancel.is_cancelled().then_some(Stopped::Cancelled);
            match why.get().copied().or(heard) {
                // An error or a panic over what the stop did to the body is no failure of its own.
                Some(stopped) if failure.kind.is_of_the_body() => stopped.failure(),
                Some(_) | None => failure,
            }
        }),
        stopped = stop(&why, &limits) => Err(stopped.failure()),
    }
}

/// Waits until the try is to be stopped, says why, and lets the runs inside it end.
async fn stop(why: &OnceLock<Stopped>, limits: &Limits<'_>) -> Stopped {
    let stopped = tokio::select! {
        biased;
        () = limits.cancel.cancelled() => Stopped::Cancelled,
        limit = time_limit(limits) => Stopped::TimedOut(limit),
    };
    let _ = why.set(stopped);
    limits.cancel.cancel();
    limits.inside.close();
    limits.inside.wait().await;
    stopped
}

async fn time_limit(limits: &Limits<'_>) -> Duration {
    let Some(limit) = limits.timeout else { return std::future::pending().await };
    limits.clock.sleep(limit).await;
    limit
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
