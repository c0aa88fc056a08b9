//! Opening: the tables are made or brought up to date, by one process at a time.

use std::time::Duration;

use super::super::migration::{self, POSTGRES};
use super::super::tx::Tx;
use super::error::{cannot_open, is_starting};
use super::session::Backoff;
use super::transaction::Access;
use super::worker::Link;
use crate::{Error, Result, Timestamp};

/// How long a server that is just starting is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

const IS_OURS: &str = "
    SELECT COUNT(*) FROM pg_catalog.pg_tables
    WHERE schemaname = current_schema() AND tablename = 'schema_migration'";

const TABLES: &str =
    "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()";

/// Connects, and brings the tables up to date.
pub(super) async fn open(link: &mut Link, now: Timestamp) -> Result<()> {
    let name = link.address().to_string();
    let opened = make_ready(link, &name, now).await;
    opened.map_err(|error| {
        let says_where = error.to_string().contains(&name);
        if says_where { error } else { cannot_open(link.address(), &error) }
    })
}

async fn make_ready(link: &mut Link, name: &str, now: Timestamp) -> Result<()> {
    wait_for_start(link).await?;
    let named = name.to_owned();
    let ask = async move |tx: &mut Tx<'_>| is_up_to_date(tx, &named).await;
    if link.transact(Access::Read, ask).await? {
        return Ok(());
    }
    let named = name.to_owned();
    let migrate = async move |tx: &mut Tx<'_>| migration::apply(tx, POSTGRES, &named, now).await;
    link.transact(Access::Everything, migrate).await
}

async fn wait_for_start(link: &mut Link) -> Result<()> {
    let mut backoff = Backoff::lasting(PATIENCE);
    loop {
        match link.connect().await {
            Ok(_) => return Ok(()),
            Err(error) if !is_starting(&error) || backoff.is_over() => return Err(error),
            Err(_) => backoff.wait().await,
        }
    }
}

async fn is_up_to_date(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    if tx.number(IS_OURS, &[]).await? > 0 {
        return Ok(migration::version(tx, POSTGRES, name).await? == migration::latest(POSTGRES));
    }
    if tx.number(TABLES, &[]).await? > 0 {
        let problem = format!("database '{name}' holds tables that are not flowkit's");
        return Err(Error::invalid(problem).with_hint("make one for flowkit alone: createdb NAME"));
    }
    Ok(false)
}
