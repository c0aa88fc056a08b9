//! Retry delays: how long to wait before which try.

use std::time::Duration;

use crate::model::RetryPolicy;

/// How the delays before the tries of a run are chosen.
///
/// ```
/// use std::time::Duration;
/// use flowkit::rules::retry::Backoff;
///
/// let backoff = Backoff::Exponential { first: Duration::from_secs(1), max: None };
/// assert_eq!(backoff.delays_seconds(4), [1.0, 2.0, 4.0, 8.0]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backoff {
    /// The same delay before every try.
    Fixed(Duration),
    /// One delay per try; the last one counts for the rest.
    List(Vec<Duration>),
    /// Each delay twice the one before it.
    Exponential {
        /// The delay before the first retry.
        first: Duration,
        /// The delay that none exceeds.
        max: Option<Duration>,
    },
}

impl Backoff {
    /// The delays for that many retries, as a [`RetryPolicy`] keeps them.
    ///
    /// The last one counts for the rest, so the list ends where the delays stop growing: it is
    /// short even for a run that is retried forever.
    #[must_use]
    pub fn delays_seconds(&self, retries: u32) -> Vec<f64> {
        let count = usize::try_from(retries).unwrap_or(usize::MAX);
        match self {
            Self::Fixed(_) if retries == 0 => Vec::new(),
            Self::Fixed(delay) => vec![delay.as_secs_f64()],
            Self::List(delays) => delays.iter().take(count).map(Duration::as_secs_f64).collect(),
            Self::Exponential { first, max } => {
                let max = max.unwrap_or(Duration::MAX);
                let grow = |delay: &Duration| {
                    let next = delay.saturating_mul(2).min(max);
                    (next > *delay).then_some(next)
                };
                let delays = std::iter::successors(Some((*first).min(max)), grow);
                delays.take(count).map(|delay| delay.as_secs_f64()).collect()
            }
        }
    }
}

/// The delay before a run that was started `run_count` times and failed is tried again.
///
/// None when it was tried as often as it may be. `chance` is between 0 and 1 and only
/// matters for a policy with a jitter factor.
#[must_use]
pub fn next_delay(policy: &RetryPolicy, run_count: u32, chance: f64) -> Option<Duration> {
    if run_count > policy.retries() {
        return None;
    }
    let delay = policy.delay(run_count);
    Some(policy.retry_jitter_factor.map_or(delay, |factor| jittered(delay, factor, chance)))
}

/// The delay, made longer or shorter by chance.
///
/// Prefect's distribution: the time between two events of a Poisson process (exponential with
/// `delay` as its mean), cut off above at `delay * (1 + factor)` and below where as much
/// probability lies between the bound and the median as above it, which keeps the mean near
/// `delay`. `chance` between 0 and 1 says which of these delays, the shortest first.
/// Without a positive factor, or where the arithmetic ends outside of what a [`Duration`]
/// holds, it is `delay` itself.
///
/// ```
/// use std::time::Duration;
/// use flowkit::rules::retry::jittered;
///
/// let delay = Duration::from_secs(10);
/// assert!(jittered(delay, 0.5, 0.0) < delay);
/// assert_eq!(jittered(delay, 0.5, 1.0), Duration::from_secs(15));
/// assert_eq!(jittered(delay, 0.0, 1.0), delay);
/// ```
#[must_use]
pub fn jittered(delay: Duration, factor: f64, chance: f64) -> Duration {
    if factor.is_nan() || factor <= 0.0 {
        return delay;
    }
    // In multiples of the delay, so that a delay of zero needs no care.
    let upper = 1.0 + factor;
    let lower = lower_bound(upper);
    let reached = |multiple: f64| 1.0 - (-multiple).exp();
    let (from, to) = (reached(lower), reached(upper));
    let drawn = from + (to - from) * chance.clamp(0.0, 1.0);
    let multiple = -(1.0 - drawn).max(1e-10).ln();
    let seconds = delay.as_secs_f64() * multiple.clamp(lower, upper);
    Duration::try_from_secs_f64(seconds).unwrap_or(delay)
}

/// The multiple below the median (ln 2) that holds as much probability as `upper` above it.
fn lower_bound(upper: f64) -> f64 {
    // Beyond 50 the power is too large to tell it from itself less one.
    if upper >= 50.0 { 0.0 } else { (upper.exp2() / (upper.exp2() - 1.0)).log2() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn fixed_delay_is_kept_once_and_counts_for_all() {
        assert_eq!(Backoff::Fixed(2 * SECOND).delays_seconds(5), [2.0]);
        assert!(Backoff::Fixed(2 * SECOND).delays_seconds(0).is_empty());
    }

    #[test]
    fn list_is_cut_to_the_retries() {
        let backoff = Backoff::List(vec![SECOND, 2 * SECOND, 3 * SECOND]);
        assert_eq!(backoff.delays_seconds(2), [1.0, 2.0]);
        assert_eq!(backoff.delays_seconds(9), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn exponential_delay_stops_at_its_maximum() {
        let backoff = Backoff::Exponential { first: SECOND, max: Some(5 * SECOND) };
        assert_eq!(backoff.delays_seconds(u32::MAX), [1.0, 2.0, 4.0, 5.0]);
    }

    #[test]
    fn exponential_delay_of_zero_stays_zero() {
        let backoff = Backoff::Exponential { first: Duration::ZERO, max: None };
        assert_eq!(backoff.delays_seconds(u32::MAX), [0.0]);
    }

    #[test]
    fn run_is_not_retried_once_its_retries_are_used_up() {
        let policy = RetryPolicy {
            retries: Some(2),
            retry_delay: vec![1.0, 5.0],
            retry_jitter_factor: None,
        };
        assert_eq!(next_delay(&policy, 1, 0.5), Some(SECOND));
        assert_eq!(next_delay(&policy, 2, 0.5), Some(5 * SECOND));
        assert_eq!(next_delay(&policy, 3, 0.5), None);
    }

    #[test]
    fn mean_of_jittered_delays_is_near_the_delay() {
        let draws = 1000_u32;
        let sum: f64 = (0..draws)
            .map(|n| jittered(10 * SECOND, 0.5, f64::from(n) / f64::from(draws)).as_secs_f64())
            .sum();
        let mean = sum / f64::from(draws);
        assert!((9.0..11.0).contains(&mean), "{mean}");
    }

    proptest! {
        #[test]
        fn jittered_delay_stays_within_its_bounds(
            seconds in 0_u64..1 << 40, factor in 0.001_f64..1000.0, chance in 0.0..=1.0,
        ) {
            let delay = jittered(Duration::from_secs(seconds), factor, chance).as_secs_f64();
            let base = Duration::from_secs(seconds).as_secs_f64();
            let (lower, upper) = (base * lower_bound(1.0 + factor), base * (1.0 + factor));
            // A duration counts nanoseconds.
            prop_assert!(lower - 1e-9 <= delay && delay <= upper + 1e-9, "{lower} {delay} {upper}");
        }

        #[test]
        fn more_chance_is_never_a_shorter_delay(
            factor in 0.0_f64..60.0, one in 0.0..=1.0, other in 0.0..=1.0,
        ) {
            let (less, more) = (f64::min(one, other), f64::max(one, other));
            prop_assert!(jittered(SECOND, factor, less) <= jittered(SECOND, factor, more));
        }

        #[test]
        fn no_number_makes_it_panic(
            seconds in any::<u64>(), nanos in 0_u32..1_000_000_000, retries in any::<u32>(), run_count in any::<u32>(),
            factor in prop::num::f64::ANY, chance in prop::num::f64::ANY,
            delays in prop::collection::vec(prop::num::f64::ANY, 0..4),
        ) {
            let delay = Duration::new(seconds, nanos);
            let _ = jittered(delay, factor, chance);
            let grown = Backoff::Exponential { first: delay, max: None }.delays_seconds(retries);
            prop_assert!(grown.len() < 100 && grown.iter().all(|delay| delay.is_finite()));
            let policy = RetryPolicy {
                retries: Some(retries), retry_delay: delays, retry_jitter_factor: Some(factor),
            };
            prop_assert_eq!(next_delay(&policy, run_count, chance).is_some(), run_count <= retries);
        }
    }
}
