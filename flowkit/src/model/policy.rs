//! Retry policy: how often a failed run is tried again, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often a failed run is tried again, and when.
///
/// The JSON is Prefect's `empirical_policy`: delays are seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// How often it is tried again after the first time.
    pub retries: Option<u32>,
    /// Seconds before each further try; the last one counts for the rest.
    #[serde(with = "one_or_many")]
    pub retry_delay: Vec<f64>,
    /// By which part of itself a delay may grow or shrink, by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// Prefect writes one delay as a number and several as a list.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        None(()),
        One(f64),
        Many(Vec<f64>),
    }

    pub(super) fn serialize<S: Serializer>(delays: &[f64], to: S) -> Result<S::Ok, S::Error> {
        match delays {
            [] => to.serialize_none(),
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        Ok(match OneOrMany::deserialize(from)? {
            OneOrMany::None(()) => Vec::new(),
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        })
    }
}
