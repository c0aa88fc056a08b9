//! Room under a concurrency limit: whether there is some, and who takes it.
//!
//! A limit whose slots become free by themselves is a bucket that leaks: its one row, which nobody
//! holds, says when it will be empty.

use std::time::Duration;

use uuid::Uuid;

use crate::model::ConcurrencyLimit;
use crate::store::{Tx, slot};
use crate::{Result, Timestamp};

/// Who holds what nobody in particular holds: a bucket, or slots taken without a lease.
pub(super) const NOBODY: Uuid = Uuid::nil();

/// When slots are free again that are held until they are given back.
pub(super) const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// How soon to ask again for slots that others hold.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// How long to wait for room; none if there is some.
pub(super) async fn wait(
    tx: &mut Tx<'_>,
    limit: &ConcurrencyLimit,
    holder: Uuid,
    slots: u32,
    now: Timestamp,
) -> Result<Option<Duration>> {
    let rate = limit.slot_decay_per_second;
    if rate > 0.0 {
        let over = level(tx, limit, now).await? + f64::from(slots) - f64::from(limit.limit);
        // Times are kept in whole microseconds.
        let delay = Duration::try_from_secs_f64(over / rate).unwrap_or_default();
        return Ok((delay > Duration::from_micros(10)).then_some(delay));
    }
    let mut taken = slot::taken_by_others(tx, limit.id, holder, now).await?;
    if holder == NOBODY {
        // They are not one holder who takes anew what it has.
        taken = taken.saturating_add(held_by_nobody(tx, limit).await?);
    }
    Ok((taken.saturating_add(slots) > limit.limit).then_some(ASK_AGAIN))
}

/// Takes slots that there is room for.
pub(super) async fn take(
    tx: &mut Tx<'_>,
    limit: &ConcurrencyLimit,
    holder: Uuid,
    slots: u32,
    until: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let rate = limit.slot_decay_per_second;
    if rate > 0.0 {
        let level = level(tx, limit, now).await? + f64::from(slots);
        let empty = now + Duration::try_from_secs_f64(level / rate).unwrap_or(Duration::MAX);
        return slot::take(tx, limit.id, NOBODY, 0, empty).await;
    }
    slot::forget_expired(tx, limit.id, now).await?;
    let held = if holder == NOBODY { held_by_nobody(tx, limit).await? } else { 0 };
    slot::take(tx, limit.id, holder, held.saturating_add(slots), until).await
}

/// Gives back some of what nobody in particular holds.
pub(super) async fn give_back(tx: &mut Tx<'_>, limit: &ConcurrencyLimit, slots: u32) -> Result<()> {
    if limit.slot_decay_per_second > 0.0 {
        return Ok(());
    }
    match held_by_nobody(tx, limit).await?.saturating_sub(slots) {
        0 => slot::release_one(tx, limit.id, NOBODY).await,
        left => slot::take(tx, limit.id, NOBODY, left, NEVER).await,
    }
}

async fn held_by_nobody(tx: &mut Tx<'_>, limit: &ConcurrencyLimit) -> Result<u32> {
    Ok(slot::held(tx, limit.id, NOBODY).await?.map_or(0, |(slots, _)| slots))
}

/// How full a bucket is.
pub(super) async fn level(
    tx: &mut Tx<'_>,
    limit: &ConcurrencyLimit,
    now: Timestamp,
) -> Result<f64> {
    let empty = slot::held(tx, limit.id, NOBODY).await?.map_or(now, |(_, empty)| empty);
    Ok(empty.since(now).as_secs_f64() * limit.slot_decay_per_second)
}
