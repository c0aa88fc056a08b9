//! Leases: which process executes which flow run, and until when it is believed to live.

use uuid::Uuid;

use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::Timestamp;
use crate::model::FlowRunId;
use crate::wire::LeaseHolder;

const PUT: &str = "
    INSERT INTO lease (flow_run_id, holder, host, pid, lock_file, held_until)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (flow_run_id) DO UPDATE SET holder = excluded.holder, host = excluded.host,
        pid = excluded.pid, lock_file = excluded.lock_file, held_until = excluded.held_until";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT flow_run_id, holder, host, pid, lock_file, held_until FROM lease ", $rest)
    };
}

const READ: &str = select!("WHERE flow_run_id = $1");

const ALL: &str = select!("ORDER BY flow_run_id");

const RENEW: &str = "UPDATE lease SET held_until = $1 WHERE holder = $2";

const RELEASE: &str = "DELETE FROM lease WHERE flow_run_id = $1 AND holder = $2";

const DELETE: &str = "DELETE FROM lease WHERE flow_run_id = $1";

const WANTED: &str = "
    SELECT flow_run_id FROM lease JOIN flow_run ON flow_run.id = lease.flow_run_id
    WHERE holder = $1 AND state_type IN (3, 4, 5, 6, 7, 8) ORDER BY flow_run_id";

/// A lease on a flow run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) flow_run_id: FlowRunId,
    pub(crate) holder: LeaseHolder,
    pub(crate) held_until: Timestamp,
}

/// Writes a lease, in the place of one that is there.
pub(crate) async fn put(tx: &mut Tx<'_>, lease: &Lease) -> Result<()> {
    let holder = &lease.holder;
    let values = values![
        lease.flow_run_id,
        holder.id,
        &holder.host,
        holder.pid,
        holder.lock_file.as_deref(),
        lease.held_until,
    ];
    tx.execute(PUT, &values).await.map(drop)
}

/// The lease on a flow run.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Option<Lease>> {
    tx.row(READ, &values![id], read_lease).await
}

/// All leases.
pub(crate) async fn all(tx: &mut Tx<'_>) -> Result<Vec<Lease>> {
    tx.rows(ALL, &[], read_lease).await
}

/// Renews all leases of a holder.
pub(crate) async fn renew(tx: &mut Tx<'_>, holder: Uuid, until: Timestamp) -> Result<()> {
    tx.execute(RENEW, &values![until, holder]).await.map(drop)
}

/// Gives a lease back; says whether that holder had it.
pub(crate) async fn release(tx: &mut Tx<'_>, id: FlowRunId, holder: Uuid) -> Result<bool> {
    Ok(tx.execute(RELEASE, &values![id, holder]).await? > 0)
}

/// Deletes the lease on a flow run, whoever holds it.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE, &values![id]).await.map(drop)
}

/// Those of a holder's flow runs that are paused, cancelling or at their end.
pub(crate) async fn wanted(tx: &mut Tx<'_>, holder: Uuid) -> Result<Vec<FlowRunId>> {
    tx.rows(WANTED, &values![holder], |row| row.next()).await
}

fn read_lease(row: &mut Row<'_>) -> Result<Lease> {
    Ok(Lease {
        flow_run_id: row.next()?,
        holder: LeaseHolder {
            id: row.next()?,
            host: row.next()?,
            pid: row.next()?,
            lock_file: row.next()?,
        },
        held_until: row.next()?,
    })
}
