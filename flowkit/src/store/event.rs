//! Events: what was told to a server or decided by it, for a while.
//!
//! Those of task runs are not among them: the states of the run say the same and stay.

use serde_json::value::RawValue;

use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::wire::{Event, EventFilter, EventOrder, Occurred, ReceivedEvent};
use crate::{Result, Timestamp};

const PUT: &str = "
    INSERT INTO event (occurred, id, received, name, resource_id, resource, related, payload, follows)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (occurred, id) DO NOTHING";

const DELETE_OLD: &str = "
    DELETE FROM event WHERE (occurred, id) IN (
        SELECT occurred, id FROM event WHERE occurred < $1 ORDER BY occurred, id LIMIT $2)";

/// Keeps an event; one that is kept already stays as it is.
pub(crate) async fn put(tx: &mut Tx<'_>, event: &Event, received: Timestamp) -> Result<()> {
    let values = values![
        event.occurred,
        event.id,
        received,
        &event.event,
        event.resource.get("prefect.resource.id").map_or("", String::as_str),
        Json(&event.resource),
        Json(&event.related),
        event.payload.get(),
        event.follows,
    ];
    tx.execute(PUT, &values).await.map(drop)
}

/// Where a list was left, so that it goes on behind that event.
pub(crate) type Place = (Timestamp, uuid::Uuid);

/// Some events that a filter may mean, in its order, behind a place.
///
/// Time, names and ids of resources are looked at here, the rest is up to the filter.
pub(crate) async fn candidates(
    tx: &mut Tx<'_>,
    wanted: &EventFilter,
    behind: Option<Place>,
    most: u32,
) -> Result<Vec<ReceivedEvent>> {
    let mut query = Query::new(
        "SELECT occurred, id, received, name, resource, related, payload, follows FROM event",
    );
    let Occurred { since, until } = wanted.occurred;
    query.when_value("occurred >= ?", since.unwrap_or_default());
    if let Some(until) = until {
        query.when_value("occurred <= ?", until);
    }
    let name = wanted.event.as_ref().and_then(|event| event.name.as_ref());
    if let Some(names) = name.filter(|names| !names.is_empty()) {
        query.when_one_of("name IN ?", names.clone());
    }
    let resource = wanted.resource.as_ref().and_then(|resource| resource.id.as_ref());
    if let Some(ids) = resource.filter(|ids| !ids.is_empty()) {
        query.when_one_of("resource_id IN ?", ids.clone());
    }
    let (than, order) = match wanted.order {
        EventOrder::Asc => (">", "occurred, id"),
        EventOrder::Desc => ("<", "occurred DESC, id DESC"),
    };
    if let Some((occurred, id)) = behind {
        query.when(&format!("(occurred, id) {than} ("));
        query.push(occurred);
        query.then(", ");
        query.push(id);
        query.then(")");
    }
    query.order_by(order);
    query.limit(most);
    query.rows(tx, read).await
}

/// Deletes some events that happened before that time, and says how many.
pub(crate) async fn delete_old(tx: &mut Tx<'_>, before: Timestamp, most: u32) -> Result<u64> {
    tx.execute(DELETE_OLD, &values![before, most]).await
}

fn read(row: &mut Row<'_>) -> Result<ReceivedEvent> {
    let occurred = row.next()?;
    let id = row.next()?;
    let received = row.next()?;
    let event = Event {
        id,
        occurred,
        event: row.next()?,
        resource: row.json()?,
        related: row.json()?,
        payload: RawValue::from_string(row.next()?).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        follows: row.next()?,
    };
    Ok(ReceivedEvent { event, received })
}
