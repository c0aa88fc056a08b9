//! Shield: work that a run lets come to its end although it was asked to stop.

use tokio_util::sync::CancellationToken;

use super::current::{self, Cancellation};
use super::scope::Scope;
use crate::{Error, Result};

/// Lets work come to its end, whatever becomes of the run meanwhile.
///
/// A run that is cancelled or takes too long stops at its next await. What must not be cut off
/// there goes in here, such as ending another process in order: the token tells the work to end
/// soon, and the run does not end before it has, for at most `FLOWKIT_CANCEL_GRACE`.
///
/// ```
/// # async fn interrupt_and_wait() {}
/// # async fn work() -> u8 { 7 }
/// # async fn example() -> flowkit::Result<()> {
/// let answer = flowkit::shield(|stop| async move {
///     tokio::select! {
///         answer = work() => Some(answer),
///         () = stop.cancelled() => {
///             interrupt_and_wait().await;
///             None
///         }
///     }
/// });
/// assert_eq!(answer.await?, Some(7));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
///
/// # Errors
/// Cancelled when the work took longer than the grace, and was dropped.
///
/// # Panics
/// When the work does.
pub async fn shield<W, F>(work: W) -> Result<F::Output>
where
    W: FnOnce(Cancellation) -> F,
    F: Future<Output: Send> + Send + 'static,
{
    let scope = Scope::current();
    let asked = scope.as_ref().and_then(Scope::cancel).cloned().unwrap_or_default();
    let stop = asked.child_token();
    // Whoever drops the call wants the work to stop, too.
    let _stop_when_dropped = stop.clone().drop_guard();
    let future = work(Cancellation::of(stop.clone()));
    // The run ends once nobody has these any more.
    let held = scope.as_ref().map(Scope::hold_open);
    let ended = current::spawn(async move {
        let _held = held;
        tokio::select! {
            output = future => Some(output),
            () = grace(&stop, scope.as_ref()) => None,
        }
    });
    match ended.await {
        Ok(Some(output)) => Ok(output),
        Ok(None) => Err(Error::cancelled("it did not stop in time")),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => {
                Err(Error::cancelled("the runtime that executes it shut down").with_source(error))
            }
        },
    }
}

/// Returns when the time to stop in is over; outside a run nobody sets one.
async fn grace(stop: &CancellationToken, scope: Option<&Scope>) {
    stop.cancelled().await;
    match scope {
        Some(scope) => {
            let grace = scope.runtime.settings().cancel_grace();
            scope.runtime.clock().sleep(grace).await;
        }
        None => std::future::pending().await,
    }
}
