//! Clock: the only place in the crate that reads the time.
//!
//! [`Clock`] is handed to whoever needs the time; [`Clock::stub`] is one that tests move by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::Timestamp;

/// Where the time comes from: the machine, or a test.
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Stub(Arc<Stub>),
}

struct Stub {
    now: AtomicI64,
    moved: Notify,
}

/// The latest time that this process has told, so that time never runs backwards within it.
static LATEST: AtomicI64 = AtomicI64::new(0);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn stub(start: Timestamp) -> Self {
        Self(Source::Stub(Arc::new(Stub {
            now: AtomicI64::new(start.as_micros()),
            moved: Notify::new(),
        })))
    }

    /// The time now. Never earlier than what it told before, even when the machine's clock is set back.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let told = machine_time();
                Timestamp::from_micros(LATEST.fetch_max(told, Ordering::Relaxed).max(told))
            }
            Source::Stub(stub) => Timestamp::from_micros(stub.now.load(Ordering::Acquire)),
        }
    }

    /// Moves a stub clock on and wakes whoever sleeps on it.
    ///
    /// # Panics
    /// On the system clock, which nobody moves.
    pub fn advance(&self, by: Duration) {
        let Source::Stub(stub) = &self.0 else { panic!("only a stub clock can be moved") };
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        stub.now.fetch_add(micros, Ordering::AcqRel);
        stub.moved.notify_waiters();
    }

    /// Waits until `moment` has come.
    pub async fn sleep_until(&self, moment: Timestamp) {
        match &self.0 {
            Source::System => machine_sleep(moment.since(self.now())).await,
            Source::Stub(stub) => loop {
                // Registered before looking, so that a move in between is not missed.
                let moved = stub.moved.notified();
                if stub.now.load(Ordering::Acquire) >= moment.as_micros() {
                    return;
                }
                moved.await;
            },
        }
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        if !duration.is_zero() {
            self.sleep_until(self.now() + duration).await;
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::System => f.write_str("Clock::system"),
            Source::Stub(_) => write!(f, "Clock::stub({})", self.now()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the door that the machine's time comes in by"
)]
fn machine_time() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this is the door that waiting goes through")]
async fn machine_sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_time_never_runs_backwards() {
        let clock = Clock::system();
        let later = clock.now() + Duration::from_secs(60);
        LATEST.fetch_max(later.as_micros(), Ordering::Relaxed);
        assert!(clock.now() >= later);
    }

    #[tokio::test]
    async fn sleeper_on_a_stub_clock_wakes_when_it_is_moved() {
        let clock = Clock::stub(Timestamp::from_micros(0));
        let sleeper = clock.clone();
        let (woke, ()) = tokio::join!(
            async move {
                sleeper.sleep(Duration::from_secs(5)).await;
                sleeper.now()
            },
            async {
                tokio::task::yield_now().await;
                clock.advance(Duration::from_secs(2));
                tokio::task::yield_now().await;
                clock.advance(Duration::from_secs(3));
            }
        );
        assert_eq!(woke, Timestamp::from_micros(5_000_000));
    }
}
