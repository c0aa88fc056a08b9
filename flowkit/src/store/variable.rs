//! Variables: named values that runs share.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::Result;
use crate::model::{Variable, VariableId};
use crate::wire::{FilterVariables, VariableFilter, VariableSort};

const PUT: &str = "
    INSERT INTO variable (id, name, value, tags, created, updated) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, tags = excluded.tags,
        updated = excluded.updated";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, name, value, tags, created, updated FROM variable ", $rest)
    };
}

const READ: &str = select!("WHERE name = $1");

const READ_BY_ID: &str = select!("WHERE id = $1");

const RENAME: &str = "UPDATE variable SET name = $1 WHERE id = $2";

const DELETE: &str = "DELETE FROM variable WHERE name = $1";

/// Writes a variable, new or changed.
pub(crate) async fn put(tx: &mut Tx<'_>, variable: &Variable) -> Result<()> {
    let values = values![
        variable.id,
        &variable.name,
        Json(&variable.value),
        Json(&variable.tags),
        variable.created,
        variable.updated,
    ];
    tx.execute(PUT, &values).await.map(drop)
}

/// The variable of that name.
pub(crate) async fn read(tx: &mut Tx<'_>, name: &str) -> Result<Option<Variable>> {
    tx.row(READ, &values![name], read_variable).await
}

/// One variable.
pub(crate) async fn read_by_id(tx: &mut Tx<'_>, id: VariableId) -> Result<Option<Variable>> {
    tx.row(READ_BY_ID, &values![id], read_variable).await
}

/// Gives a variable another name, which must be free.
pub(crate) async fn rename(tx: &mut Tx<'_>, id: VariableId, name: &str) -> Result<()> {
    tx.execute(RENAME, &values![name, id]).await.map(drop)
}

/// Deletes a variable, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![name]).await? > 0)
}

/// The variables that a filter means.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterVariables) -> Result<Vec<Variable>> {
    let mut query = Query::new(select!(""));
    conditions(&mut query, wanted.variables);
    query.order_by(match wanted.sort {
        VariableSort::NameAsc => "name",
        VariableSort::NameDesc => "name DESC",
        VariableSort::CreatedDesc => "id DESC",
        VariableSort::UpdatedDesc => "updated DESC, id DESC",
    });
    query.page(wanted.page);
    query.rows(tx, read_variable).await
}

/// How many variables a filter means.
pub(crate) async fn count(tx: &mut Tx<'_>, wanted: VariableFilter) -> Result<u64> {
    let mut query = Query::new("SELECT COUNT(*) FROM variable");
    conditions(&mut query, wanted);
    let counted = query.rows(tx, |row| row.next()).await?;
    Ok(counted.first().copied().unwrap_or_default())
}

fn conditions(query: &mut Query, wanted: VariableFilter) {
    query.when_joined(wanted.operator, |query| {
        if let Some(ids) = wanted.id {
            filter::one_of(query, "id", ids);
        }
        if let Some(name) = wanted.name {
            filter::text(query, "name", name);
        }
        if let Some(tags) = wanted.tags {
            filter::tags(query, "tags", tags);
        }
    });
}

fn read_variable(row: &mut Row<'_>) -> Result<Variable> {
    Ok(Variable {
        id: row.next()?,
        name: row.next()?,
        value: row.json()?,
        tags: row.json()?,
        created: row.next()?,
        updated: row.next()?,
    })
}
