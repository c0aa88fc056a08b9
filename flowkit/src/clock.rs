//! Time, ids and chance: the only place in the crate that makes them.
//!
//! [`Clock`] is handed to whoever needs the time; [`Clock::stub`] is a clock that tests move by hand.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::sync::Notify;
use uuid::Uuid;

/// A moment, to the microsecond, in UTC.
///
/// ```
/// let moment: flowkit::Timestamp = "2026-11-23T08:00:00.5+01:00".parse().unwrap();
/// assert_eq!(moment.to_string(), "2026-11-23T07:00:00.500000Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The time that passed since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same moment as chrono's type.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_micros())
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(later.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(earlier.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_datetime().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(DateTime::parse_from_rfc3339(text)?.to_utc().into())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(DateTime::<Utc>::deserialize(deserializer)?.into())
    }
}

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
        Self(Source::Stub(Arc::new(Stub { now: AtomicI64::new(start.0), moved: Notify::new() })))
    }

    /// The time now. Never earlier than what it told before, even when the machine's clock is set back.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let told = machine_time();
                Timestamp(LATEST.fetch_max(told, Ordering::Relaxed).max(told))
            }
            Source::Stub(stub) => Timestamp(stub.now.load(Ordering::Acquire)),
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
                if stub.now.load(Ordering::Acquire) >= moment.0 {
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

/// A time-ordered unique id (RFC 9562, version 7), told from `now`.
///
/// The twelve bits behind the milliseconds hold the part of the millisecond
/// (RFC 9562 §6.2, method 3), so that ids made one after another sort that way.
#[must_use]
pub(crate) fn new_id(now: Timestamp) -> Uuid {
    let micros = now.as_micros().max(0).cast_unsigned();
    let fraction = (micros % 1000) * 4096 / 1000;
    let chance = random_u64().to_be_bytes();
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&u16::try_from(fraction).unwrap_or(0xfff).to_be_bytes());
    bytes[2..].copy_from_slice(&chance);
    uuid::Builder::from_unix_timestamp_millis(micros / 1000, &bytes).into_uuid()
}

/// A number between 0 and 1, for jitter.
#[must_use]
pub(crate) fn random_unit() -> f64 {
    // 53 bits are what a double holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    let unit = (random_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    unit
}

/// A number below `bound`, for names.
#[must_use]
pub(crate) fn random_below(bound: usize) -> usize {
    usize::try_from(random_u64() % u64::try_from(bound.max(1)).unwrap_or(u64::MAX)).unwrap_or(0)
}

/// SplitMix64 per thread, seeded by the standard library's own randomness: ids and jitter, never secrets.
fn random_u64() -> u64 {
    thread_local!(static STATE: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish()));
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_of_their_making() {
        let start = Timestamp::from_micros(1_700_000_000_000_123);
        let ids: Vec<_> = (0..1000).map(|n| new_id(start + Duration::from_micros(n))).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn told_time_never_runs_backwards() {
        let clock = Clock::system();
        let later = clock.now() + Duration::from_secs(60);
        LATEST.fetch_max(later.0, Ordering::Relaxed);
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
