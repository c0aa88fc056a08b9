//! Retry policy: how often a failed run is tried again, and when.

use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// How often a failed run is tried again, and when.
///
/// The JSON is Prefect's `empirical_policy`: delays are seconds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Given")]
pub struct RetryPolicy {
    /// How often it is tried again after the first time.
    pub retries: Option<u32>,
    /// Seconds before each further try; the last one counts for the rest.
    pub retry_delay: Vec<f64>,
    /// By which part of itself a delay may grow or shrink, by chance.
    pub retry_jitter_factor: Option<f64>,
}

impl RetryPolicy {
    /// How often it is tried again after the first time.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.retries.unwrap_or(0)
    }

    /// The delay before try number `retry`, counted from one; without jitter.
    #[must_use]
    pub fn delay(&self, retry: u32) -> Duration {
        let index = usize::try_from(retry.saturating_sub(1)).unwrap_or(usize::MAX);
        let seconds = self.retry_delay.get(index).or(self.retry_delay.last()).copied();
        Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or(Duration::MAX)
    }
}

/// A policy as clients write it, the oldest with names of their own.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Given {
    retries: Option<u32>,
    retry_delay: OneOrMany,
    retry_jitter_factor: Option<f64>,
    max_retries: Option<u32>,
    retry_delay_seconds: Option<f64>,
}

/// Prefect writes one delay as a number and several as a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    None(()),
    One(f64),
    Many(Vec<f64>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::None(())
    }
}

impl From<Given> for RetryPolicy {
    fn from(given: Given) -> Self {
        let old = given.max_retries.filter(|retries| *retries > 0);
        let retry_delay = match given.retry_delay {
            OneOrMany::None(()) => old.and(given.retry_delay_seconds).into_iter().collect(),
            OneOrMany::One(delay) => vec![delay],
            OneOrMany::Many(delays) => delays,
        };
        let retries = given.retries.or(old);
        Self { retries, retry_delay, retry_jitter_factor: given.retry_jitter_factor }
    }
}

impl Serialize for RetryPolicy {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut policy = to.serialize_struct("RetryPolicy", 5)?;
        policy.serialize_field("max_retries", &self.retries())?;
        let first = self.retry_delay.first().copied().unwrap_or(0.0);
        policy.serialize_field("retry_delay_seconds", &first)?;
        policy.serialize_field("retries", &self.retries)?;
        match self.retry_delay.as_slice() {
            [] => policy.serialize_field("retry_delay", &())?,
            [one] => policy.serialize_field("retry_delay", &Seconds(*one))?,
            many => policy.serialize_field("retry_delay", many)?,
        }
        policy.serialize_field("retry_jitter_factor", &self.retry_jitter_factor)?;
        policy.end()
    }
}

/// Seconds, whole ones without a point: the delay of a flow run is a whole number for Prefect.
struct Seconds(f64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(seconds) = *self;
        if seconds.fract() == 0.0 && seconds.abs() < 1e9 {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            return to.serialize_i64(seconds as i64);
        }
        to.serialize_f64(seconds)
    }
}
