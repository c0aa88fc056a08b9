//! Reports: which flow runs a server is told of, and how far that has got.

use uuid::Uuid;

use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::Timestamp;
use crate::model::{FlowRunId, LogId};
use crate::wire::LeaseHolder;

const BEGIN: &str = "
    INSERT INTO report (flow_run_id, target, is_done, states, logs, artifacts_until,
        holder, host, pid, lock_file, held_until)
    VALUES ($1, $2, 0, 0, 0, 0, $3, $4, $5, $6, $7)
    ON CONFLICT (flow_run_id) DO UPDATE SET is_done = 0,
        target = excluded.target,
        remote_id = CASE WHEN report.target = excluded.target THEN report.remote_id END,
        states = CASE WHEN report.target = excluded.target THEN report.states ELSE 0 END,
        last_log = CASE WHEN report.target = excluded.target THEN report.last_log END,
        logs = CASE WHEN report.target = excluded.target THEN report.logs ELSE 0 END,
        artifacts_until =
            CASE WHEN report.target = excluded.target THEN report.artifacts_until ELSE 0 END,
        holder = excluded.holder, host = excluded.host, pid = excluded.pid,
        lock_file = excluded.lock_file, held_until = excluded.held_until";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT flow_run_id, remote_id, states, last_log, logs, artifacts_until, \
             holder, host, pid, lock_file, held_until FROM report ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE flow_run_id = $1");

// After the last one looked at, so that those which others hold do not hide the rest.
const DUE: &str =
    select!("WHERE target = $1 AND is_done = 0 AND flow_run_id > $2 ORDER BY flow_run_id LIMIT $3");

const CLAIM: &str = "
    UPDATE report SET holder = $1, host = $2, pid = $3, lock_file = $4, held_until = $5
    WHERE flow_run_id = $6 AND is_done = 0";

const SAVE: &str = "
    UPDATE report SET remote_id = $1, states = $2, last_log = $3, logs = $4,
        artifacts_until = $5, held_until = $6
    WHERE flow_run_id = $7 AND holder = $8";

// A state that came in between is still to be told.
const FINISH: &str = "
    UPDATE report SET is_done = 1, holder = NULL WHERE flow_run_id = $1 AND holder = $2
        AND states = (SELECT COUNT(*) FROM flow_run_state WHERE flow_run_id = $1)";

const REOPEN: &str = "UPDATE report SET is_done = 0 WHERE flow_run_id = $1 AND is_done = 1";

const RELEASE: &str = "UPDATE report SET holder = NULL WHERE flow_run_id = $1 AND holder = $2";

const DELETE: &str = "DELETE FROM report WHERE flow_run_id = $1";

const COUNT_LOGS: &str = "SELECT COUNT(*) FROM log WHERE owner_id = $1";

/// How far a server is told of a flow run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) flow_run_id: FlowRunId,
    /// The run's id there, where it is another one.
    pub(crate) remote_id: Option<Uuid>,
    /// How many of its states are told.
    pub(crate) states: u32,
    /// Which log line was told last.
    pub(crate) last_log: Option<LogId>,
    /// How many log lines are told.
    pub(crate) logs: u64,
    /// When the artifact was changed that was told last.
    pub(crate) artifacts_until: Timestamp,
}

/// A report and who is about to make it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) report: Report,
    pub(crate) holder: Option<LeaseHolder>,
    pub(crate) held_until: Timestamp,
}

/// Has a flow run reported there by that process; what was told there already is not told again.
pub(crate) async fn begin(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    target: &str,
    holder: &LeaseHolder,
    until: Timestamp,
) -> Result<()> {
    let lock_file = holder.lock_file.as_deref();
    let values = values![id, target, holder.id, &holder.host, holder.pid, lock_file, until];
    tx.execute(BEGIN, &values).await.map(drop)
}

/// The report of a flow run.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Option<Standing>> {
    tx.row(READ, &values![id], read_standing).await
}

/// Reports to that target that are not done, behind that flow run, whoever holds them.
pub(crate) async fn due(
    tx: &mut Tx<'_>,
    target: &str,
    after: FlowRunId,
    most: u32,
) -> Result<Vec<Standing>> {
    tx.rows(DUE, &values![target, after, most], read_standing).await
}

/// Takes a report over.
pub(crate) async fn claim(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    holder: &LeaseHolder,
    until: Timestamp,
) -> Result<bool> {
    let lock_file = holder.lock_file.as_deref();
    let values = values![holder.id, &holder.host, holder.pid, lock_file, until, id];
    Ok(tx.execute(CLAIM, &values).await? > 0)
}

/// Writes how far a report has got; says whether it is still the holder's.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    report: &Report,
    holder: Uuid,
    until: Timestamp,
) -> Result<bool> {
    let values = values![
        report.remote_id,
        report.states,
        report.last_log,
        i64::try_from(report.logs).unwrap_or(i64::MAX),
        report.artifacts_until,
        until,
        report.flow_run_id,
        holder,
    ];
    Ok(tx.execute(SAVE, &values).await? > 0)
}

/// Notes that the server knows the run as it is here; says whether it does.
pub(crate) async fn finish(tx: &mut Tx<'_>, id: FlowRunId, holder: Uuid) -> Result<bool> {
    Ok(tx.execute(FINISH, &values![id, holder]).await? > 0)
}

/// Notes that the run has changed.
pub(crate) async fn reopen(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(REOPEN, &values![id]).await.map(drop)
}

/// Leaves a report to whoever comes next.
pub(crate) async fn release(tx: &mut Tx<'_>, id: FlowRunId, holder: Uuid) -> Result<()> {
    tx.execute(RELEASE, &values![id, holder]).await.map(drop)
}

/// Deletes the report of a flow run.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE, &values![id]).await.map(drop)
}

/// How many log lines a flow run has.
pub(crate) async fn count_logs(tx: &mut Tx<'_>, id: FlowRunId) -> Result<u64> {
    tx.number(COUNT_LOGS, &values![id]).await.map(i64::cast_unsigned)
}

fn read_standing(row: &mut Row<'_>) -> Result<Standing> {
    let report = Report {
        flow_run_id: row.next()?,
        remote_id: row.next()?,
        states: row.next()?,
        last_log: row.next()?,
        logs: row.next()?,
        artifacts_until: row.next()?,
    };
    let (id, host): (Option<Uuid>, Option<String>) = (row.next()?, row.next()?);
    let (pid, lock_file) = (row.next::<Option<u32>>()?, row.next()?);
    let holder = id.map(|id| LeaseHolder {
        id,
        host: host.unwrap_or_default(),
        pid: pid.unwrap_or_default(),
        lock_file,
    });
    Ok(Standing { report, holder, held_until: row.next()? })
}
