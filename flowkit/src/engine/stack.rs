//! Stack: runs inside runs, as deep as one likes.

use tokio::task::JoinSet;

/// How many runs inside each other share one stack.
const RUNS_ON_A_STACK: u32 = 8;

/// Executes a run that is `depth` runs deep, on a stack of its own where the one here may be short.
///
/// A future that awaits a future is polled on top of it; a chain of runs would end the process
/// with a stack overflow long before it ends by itself. Dropping this drops the run.
pub(super) async fn execute<F>(depth: u32, run: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    if depth % RUNS_ON_A_STACK != RUNS_ON_A_STACK - 1 {
        return run.await;
    }
    let mut stack = JoinSet::new();
    stack.spawn(run);
    match stack.join_next().await {
        Some(Ok(output)) => output,
        Some(Err(ended)) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime shuts down: nothing here goes on any more.
            Err(_) => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
