//! Slots: places under concurrency limits that are held, each until its time.

use uuid::Uuid;

use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::Timestamp;
use crate::model::ConcurrencyLimitId;
use crate::wire::HeldSlots;

const TAKE: &str = "
    INSERT INTO slot (limit_id, holder, slots, held_until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (limit_id, holder)
    DO UPDATE SET slots = excluded.slots, held_until = excluded.held_until";

const TAKEN_BY_OTHERS: &str = "
    SELECT CAST(COALESCE(SUM(slots), 0) AS BIGINT) FROM slot
    WHERE limit_id = $1 AND holder <> $2 AND held_until > $3";

const HOLDERS: &str = "
    SELECT holder, slots, held_until FROM slot WHERE limit_id = $1 AND held_until > $2
    ORDER BY holder LIMIT 1000";

const RENEW: &str = "UPDATE slot SET held_until = $1 WHERE holder = $2";

const RENEW_HELD: &str = "UPDATE slot SET held_until = $1 WHERE holder = $2 AND held_until > $3";

const HELD: &str = "SELECT slots, held_until FROM slot WHERE limit_id = $1 AND holder = $2";

const RELEASE_ONE: &str = "DELETE FROM slot WHERE limit_id = $1 AND holder = $2";

const RELEASE: &str = "DELETE FROM slot WHERE holder = $1";

const FORGET_EXPIRED: &str = "DELETE FROM slot WHERE limit_id = $1 AND held_until <= $2";

const CLEAR: &str = "DELETE FROM slot WHERE limit_id = $1";

/// How many slots of a limit others hold now.
pub(crate) async fn taken_by_others(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    holder: Uuid,
    now: Timestamp,
) -> Result<u32> {
    let taken = tx.number(TAKEN_BY_OTHERS, &values![limit, holder, now]).await?;
    Ok(u32::try_from(taken).unwrap_or(u32::MAX))
}

/// Takes slots of a limit, in place of those that the holder has.
pub(crate) async fn take(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    holder: Uuid,
    slots: u32,
    until: Timestamp,
) -> Result<()> {
    tx.execute(TAKE, &values![limit, holder, slots, until]).await.map(drop)
}

/// Who holds slots of a limit now.
pub(crate) async fn holders(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    now: Timestamp,
) -> Result<Vec<HeldSlots>> {
    let read = |row: &mut Row<'_>| {
        Ok(HeldSlots { holder: row.next()?, slots: row.next()?, held_until: row.next()? })
    };
    tx.rows(HOLDERS, &values![limit, now], read).await
}

/// Renews what a holder holds.
pub(crate) async fn renew(tx: &mut Tx<'_>, holder: Uuid, until: Timestamp) -> Result<()> {
    tx.execute(RENEW, &values![until, holder]).await.map(drop)
}

/// Renews what a holder still holds; says whether that was anything.
pub(crate) async fn renew_held(
    tx: &mut Tx<'_>,
    holder: Uuid,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    Ok(tx.execute(RENEW_HELD, &values![until, holder, now]).await? > 0)
}

/// How many slots of a limit a holder holds, and until when.
pub(crate) async fn held(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    holder: Uuid,
) -> Result<Option<(u32, Timestamp)>> {
    tx.row(HELD, &values![limit, holder], |row| Ok((row.next()?, row.next()?))).await
}

/// Gives back what a holder holds of one limit.
pub(crate) async fn release_one(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    holder: Uuid,
) -> Result<()> {
    tx.execute(RELEASE_ONE, &values![limit, holder]).await.map(drop)
}

/// Gives back what a holder holds.
pub(crate) async fn release(tx: &mut Tx<'_>, holder: Uuid) -> Result<()> {
    tx.execute(RELEASE, &values![holder]).await.map(drop)
}

/// Deletes the rows of slots whose time is over.
pub(crate) async fn forget_expired(
    tx: &mut Tx<'_>,
    limit: ConcurrencyLimitId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(FORGET_EXPIRED, &values![limit, now]).await.map(drop)
}

/// Frees all slots of a limit.
pub(crate) async fn clear(tx: &mut Tx<'_>, limit: ConcurrencyLimitId) -> Result<()> {
    tx.execute(CLEAR, &values![limit]).await.map(drop)
}
