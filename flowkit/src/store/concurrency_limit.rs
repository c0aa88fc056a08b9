//! Concurrency limits: how many may hold a name at once.

use super::query::Query;
use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::Timestamp;
use crate::model::{ConcurrencyLimit, ConcurrencyLimitId, LimitScope};
use crate::wire::FilterConcurrencyLimits;

const PUT: &str = "
    INSERT INTO concurrency_limit (id, scope, name, slots, created, updated)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (scope, name) DO UPDATE SET slots = excluded.slots, updated = excluded.updated";

// Slots whose time is over are free, whether or not somebody has deleted their rows.
const SELECT: &str = "
    SELECT id, scope, name, concurrency_limit.slots, created, updated, is_active, decay,
        CAST(COALESCE(SUM(slot.slots), 0) AS BIGINT)
    FROM concurrency_limit LEFT JOIN slot ON slot.limit_id = concurrency_limit.id AND slot.held_until > ";

const CHANGE: &str = "
    UPDATE concurrency_limit SET name = $1, slots = $2, is_active = $3, decay = $4, updated = $5
    WHERE id = $6";

const DELETE: &str = "DELETE FROM concurrency_limit WHERE scope = $1 AND name = $2";

/// Rates are kept in millionths.
const MILLION: f64 = 1_000_000.0;

/// Writes a limit, new or changed; whether it is heeded stays as it is.
pub(crate) async fn put(tx: &mut Tx<'_>, limit: &ConcurrencyLimit) -> Result<()> {
    let values = values![
        limit.id,
        word(limit.scope),
        &limit.name,
        limit.limit,
        limit.created,
        limit.updated
    ];
    tx.execute(PUT, &values).await.map(drop)
}

/// The limit of that name, with the slots that are held now.
pub(crate) async fn read(
    tx: &mut Tx<'_>,
    scope: LimitScope,
    name: &str,
    now: Timestamp,
) -> Result<Option<ConcurrencyLimit>> {
    let mut query = select(now);
    query.when_value("scope = ?", word(scope));
    query.when_value("name = ?", name.to_owned());
    query.then("GROUP BY concurrency_limit.id");
    Ok(query.rows(tx, read_limit).await?.pop())
}

/// One limit, with the slots that are held now.
pub(crate) async fn read_by_id(
    tx: &mut Tx<'_>,
    id: ConcurrencyLimitId,
    now: Timestamp,
) -> Result<Option<ConcurrencyLimit>> {
    let mut query = select(now);
    query.when_value("id = ?", id);
    query.then("GROUP BY concurrency_limit.id");
    Ok(query.rows(tx, read_limit).await?.pop())
}

/// Writes all that can change of a limit; another name must be free.
pub(crate) async fn change(tx: &mut Tx<'_>, limit: &ConcurrencyLimit) -> Result<()> {
    #[expect(clippy::cast_possible_truncation, reason = "what is no number of slots becomes one")]
    let decay = (limit.slot_decay_per_second * MILLION).round() as i64;
    let values =
        values![&limit.name, limit.limit, i64::from(limit.active), decay, limit.updated, limit.id,];
    tx.execute(CHANGE, &values).await.map(drop)
}

/// The limits that a filter means, by name.
pub(crate) async fn filter(
    tx: &mut Tx<'_>,
    wanted: FilterConcurrencyLimits,
    now: Timestamp,
) -> Result<Vec<ConcurrencyLimit>> {
    let mut query = select(now);
    if let Some(scope) = wanted.scope {
        query.when_value("scope = ?", word(scope));
    }
    query.then("GROUP BY concurrency_limit.id");
    query.order_by("name, scope");
    query.page(wanted.page);
    query.rows(tx, read_limit).await
}

/// Deletes a limit, and says whether there was one. Its slots are another matter.
pub(crate) async fn delete(tx: &mut Tx<'_>, scope: LimitScope, name: &str) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![word(scope), name]).await? > 0)
}

fn select(now: Timestamp) -> Query {
    let mut query = Query::new(SELECT);
    query.push(now);
    query
}

const fn word(scope: LimitScope) -> &'static str {
    match scope {
        LimitScope::Tag => "tag",
        LimitScope::Name => "name",
    }
}

fn read_limit(row: &mut Row<'_>) -> Result<ConcurrencyLimit> {
    let id = row.next()?;
    let scope = match row.next::<String>()?.as_str() {
        "tag" => LimitScope::Tag,
        _ => LimitScope::Name,
    };
    Ok(ConcurrencyLimit {
        id,
        scope,
        name: row.next()?,
        limit: row.next()?,
        created: row.next()?,
        updated: row.next()?,
        active: row.next::<i64>()? != 0,
        #[expect(clippy::cast_precision_loss, reason = "rates are small")]
        slot_decay_per_second: row.next::<i64>()? as f64 / MILLION,
        active_slots: row.next()?,
    })
}
