//! Worker: what a server does by itself. One loop runs every service.
//!
//! A service is a function that does what is due and says when it wants to come back. The loop
//! owns the rest: errors, panics, patience, and the end.

mod overdue;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use crate::settings::ServerSettings;
use crate::{Result, Runtime, chance};

/// How often old runs and lines are looked for.
const CLEAN_EVERY: Duration = Duration::from_hours(1);

/// How often runs are looked for that take too long.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The longest that a service which fails is left alone.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// Runs the services that the settings want, until it is dropped.
///
/// They wait on the clock and use no time while nothing is due.
pub async fn run(runtime: &Runtime, settings: &ServerSettings) {
    let soon = runtime.settings().lease_duration() / 6;
    tokio::join!(
        attend(runtime, "reaper", settings.reaper.then_some(soon), async || runtime.reap().await),
        attend(runtime, "retention", settings.retention.then_some(CLEAN_EVERY), async || {
            runtime.delete_old_runs().await
        }),
        attend(
            runtime,
            "cancelling timeout",
            settings.cancelling_timeout.map(|_| LOOK_EVERY),
            async || {
                let patience = settings.cancelling_timeout.unwrap_or_default();
                overdue::end_cancelling(runtime, patience).await
            }
        ),
        attend(
            runtime,
            "pause timeouts",
            settings.pause_timeouts.then_some(LOOK_EVERY),
            async || { overdue::fail_paused(runtime).await }
        ),
    );
    // All of them may be switched off.
    std::future::pending().await
}

/// Does what is due each `every`; a service without it is switched off.
async fn attend(
    runtime: &Runtime,
    name: &str,
    every: Option<Duration>,
    tick: impl AsyncFn() -> Result<()>,
) {
    let Some(every) = every else { return };
    let mut failures = 0;
    loop {
        let problem = match AssertUnwindSafe(tick()).catch_unwind().await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.full_message()),
            Err(_) => Some("it panicked".to_owned()),
        };
        failures = if problem.is_some() { failures + 1 } else { 0 };
        if let Some(reason) = problem {
            tracing::warn!(target: "flowkit", "The {name} could not do its work and tries again: {reason}");
        }
        runtime.clock().sleep(rest(every, failures)).await;
    }
}

/// How long to wait: longer after each failure, and never just as long as all the others.
fn rest(every: Duration, failures: u32) -> Duration {
    let patient = every.saturating_mul(1 << failures.min(8)).min(LONGEST_REST.max(every));
    patient.mul_f64(0.9 + 0.2 * chance::random_unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_service_is_left_alone_for_longer_but_not_for_ever() {
        let seconds = |failures| rest(Duration::from_secs(10), failures).as_secs();
        assert!((9..=11).contains(&seconds(0)));
        assert!((18..=22).contains(&seconds(1)));
        assert!((270..=330).contains(&seconds(30)));
        assert!(rest(CLEAN_EVERY, 3) >= CLEAN_EVERY.mul_f64(0.9));
    }
}
