//! Panics of bodies: caught, with the place where they happened, and kept off the terminal.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use futures_util::FutureExt;

use super::outcome::{Failure, FailureKind, Outcome};
use super::scope::Scope;
use crate::Error;

thread_local! {
    /// What the last panic of a body on this thread said, and where it happened.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lets the process-wide hook note panics of bodies instead of printing them.
///
/// Panics outside a run still go to the hook that was there before.
pub(super) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let in_run = |scope: &Scope| scope.flow.is_some() || scope.task.is_some();
            if Scope::with(in_run) == Some(true) {
                LAST.with_borrow_mut(|last| *last = Some(describe(info)));
            } else {
                before(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    match info.location() {
        Some(place) => format!("panicked at {place}: {message}"),
        None => format!("panicked: {message}"),
    }
}

/// Executes a body; a panic is a failure with its message and place.
pub(super) async fn catch<T>(body: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let ended = AssertUnwindSafe(body).catch_unwind().await;
    ended.unwrap_or_else(|payload| Err(failure(payload.as_ref())))
}

/// Executes a sync body; a panic is a failure with its message and place.
pub(super) fn catch_blocking<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let ended = std::panic::catch_unwind(AssertUnwindSafe(body));
    ended.unwrap_or_else(|payload| Err(failure(payload.as_ref())))
}

fn failure(payload: &(dyn Any + Send)) -> Failure {
    Failure::of(FailureKind::Panicked, Error::failed(message(payload)))
}

/// What a caught panic said, and where it happened if it was on this thread.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let noted = LAST.with_borrow_mut(Option::take);
    match (noted, text) {
        (Some(noted), Some(text)) if noted.ends_with(text) => noted,
        (Some(noted), None) => noted,
        (_, Some(text)) => format!("panicked: {text}"),
        (None, None) => "panicked".to_owned(),
    }
}
