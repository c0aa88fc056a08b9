//! Chance: the only place in the crate that makes ids and random numbers.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};

use uuid::Uuid;

use crate::Timestamp;

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
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_sort_in_the_order_of_their_making() {
        let start = Timestamp::from_micros(1_700_000_000_000_123);
        let ids: Vec<_> = (0..1000).map(|n| new_id(start + Duration::from_micros(n))).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
