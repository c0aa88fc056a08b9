//! Variables: named values that runs share.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, values};
use crate::Result;
use crate::model::Variable;
use crate::wire::FilterVariables;

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

/// Deletes a variable, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![name]).await? > 0)
}

/// The variables that a filter means, by name.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterVariables) -> Result<Vec<Variable>> {
    let mut query = Query::new(select!(""));
    if let Some(name) = wanted.name {
        filter::text(&mut query, "name", name);
    }
    query.order_by("name");
    query.page(wanted.page);
    query.rows(tx, read_variable).await
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
