//! Panics of bodies: caught, with the place where they happened, and kept off the terminal.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::task::Poll;

use futures_util::future::BoxFuture;

use super::scope::Scope;

thread_local! {
    /// What the last panic of a body on this thread said, and where it happened.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lets the process-wide hook note panics of bodies instead of printing them.
///
/// Panics outside a run still go to the hook that was there before.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if Scope::with(|_| ()).is_some() {
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

/// The same body, with its panics noted while it is polled.
pub(super) fn watch<T>(
    mut body: AssertUnwindSafe<BoxFuture<'static, T>>,
) -> AssertUnwindSafe<impl Future<Output = T>> {
    install_hook();
    AssertUnwindSafe(std::future::poll_fn(move |context| match body.0.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(done),
        Poll::Pending => Poll::Pending,
    }))
}

/// What a caught panic said, and where it happened if it was on this thread.
pub(super) fn message(payload: &(dyn Any + Send)) -> String {
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
