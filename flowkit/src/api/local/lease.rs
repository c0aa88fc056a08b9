//! Answers about leases: who executes which flow run, and who died.

use std::fs::{File, TryLockError};

use super::Local;
use super::flow_run_state::{apply, facts};
use crate::Timestamp;
use crate::api::Answer;
use crate::model::{FlowRun, State, StateType};
use crate::rules::flow_run::propose;
use crate::store::lease::Lease;
use crate::store::{Tx, count, flow_run, lease, slot, task_run};
use crate::wire::{
    ClaimFlowRun, LeaseHolder, ReapFlowRuns, ReleaseFlowRun, RenewLeases, SetStateAnswer,
};
use crate::{Durability, Error, Result};

impl Answer<ClaimFlowRun> for Local {
    async fn answer(&self, wanted: ClaimFlowRun) -> Result<()> {
        let (now, reports) = (self.now(), self.reports.clone());
        let subject = wanted.id.as_uuid();
        let write = async move |tx: &mut Tx<'_>| {
            let run = flow_run::need(tx, wanted.id).await?;
            if let Some(held) = lease::read(tx, wanted.id).await?
                && held.holder.id != wanted.holder.id
                && is_alive(&held.holder, held.held_until, &wanted.holder.host, now)
            {
                let (name, pid) = (&run.name, held.holder.pid);
                let host = host_name(&held.holder);
                let problem = format!("flow run '{name}' is executed by process {pid} on {host}");
                return Err(Error::conflict(problem));
            }
            let ClaimFlowRun { id, holder, until } = wanted;
            // Before this process adds to them.
            if count::are_stale(tx, id).await? {
                count::recount(tx, id).await?;
            }
            lease::put(tx, &Lease { flow_run_id: id, holder, held_until: until }).await?;
            reports.begin(tx, id, now).await
        };
        self.store.write_about(subject, write).await
    }
}

impl Answer<ReleaseFlowRun> for Local {
    async fn answer(&self, ReleaseFlowRun { id, holder }: ReleaseFlowRun) -> Result<()> {
        // A run without a lease has counts that nobody has still to write.
        self.store.flush(Durability::Process).await?;
        let release = async move |tx: &mut Tx<'_>| lease::release(tx, id, holder).await;
        self.store.write_about(id.as_uuid(), release).await?;
        Ok(())
    }
}

impl Answer<RenewLeases> for Local {
    async fn answer(&self, wanted: RenewLeases) -> Result<Vec<FlowRun>> {
        let RenewLeases { holder, until, slot_holders } = wanted;
        let write = async move |tx: &mut Tx<'_>| {
            lease::renew(tx, holder, until).await?;
            for holder in slot_holders {
                slot::renew(tx, holder, until).await?;
            }
            let mut runs = Vec::new();
            for id in lease::wanted(tx, holder).await? {
                runs.extend(flow_run::read(tx, id).await?);
            }
            Ok(runs)
        };
        self.store.write_about(holder, write).await
    }
}

impl Answer<ReapFlowRuns> for Local {
    async fn answer(&self, ReapFlowRuns { host, now }: ReapFlowRuns) -> Result<Vec<FlowRun>> {
        let leases = self.store.read(lease::all).await?;
        let mut crashed = Vec::new();
        let is_dead = |lease: &Lease| !is_alive(&lease.holder, lease.held_until, &host, now);
        for dead in leases.into_iter().filter(is_dead) {
            let subject = dead.flow_run_id.as_uuid();
            let reap = async move |tx: &mut Tx<'_>| reap(tx, &dead, now).await;
            crashed.extend(self.store.write_about(subject, reap).await?);
        }
        Ok(crashed)
    }
}

/// Says whether the holder of a lease is believed to live.
///
/// On the same host its lock file tells, whatever the time: a process that was stopped for an hour
/// lives. Elsewhere only the time of the lease does.
pub(super) fn is_alive(
    holder: &LeaseHolder,
    held_until: Timestamp,
    host: &str,
    now: Timestamp,
) -> bool {
    match &holder.lock_file {
        Some(path) if holder.host == host => {
            match File::open(path).map(|file| file.try_lock()) {
                Ok(Err(TryLockError::WouldBlock)) => true,
                Ok(Err(TryLockError::Error(_))) => held_until >= now,
                // The lock that was got is given back at once, when the file is closed.
                Ok(Ok(())) | Err(_) => false,
            }
        }
        Some(_) | None => held_until >= now,
    }
}

/// The name of a holder's machine, for people; its boot is for comparing.
fn host_name(holder: &LeaseHolder) -> &str {
    holder.host.split('/').next().unwrap_or(&holder.host)
}

/// Ends what a dead process left, unless somebody else has done it or took the run over.
async fn reap(tx: &mut Tx<'_>, dead: &Lease, now: Timestamp) -> Result<Option<FlowRun>> {
    let id = dead.flow_run_id;
    if lease::read(tx, id).await?.as_ref() != Some(dead) {
        return Ok(None);
    }
    lease::delete(tx, id).await?;
    let Some(mut run) = flow_run::read(tx, id).await? else { return Ok(None) };
    if run.state.as_ref().is_none_or(State::is_terminal) {
        return Ok(None);
    }
    count::set_stale(tx, id).await?;
    let (pid, host) = (dead.holder.pid, host_name(&dead.holder));
    let message = format!("process {pid} on host {host} ended without finishing it");
    end_task_runs(tx, &run, &message, now).await?;
    let proposed = match run.state_type() {
        StateType::Cancelling => State::cancelled(now).with_message(message),
        _ => State::crashed(message, now),
    };
    let facts = facts(tx, &run, &proposed).await?;
    let verdict = propose(&run, facts, proposed, now);
    Ok(match apply(tx, &mut run, verdict, now).await? {
        SetStateAnswer::Accept { .. } => Some(run),
        SetStateAnswer::Reject { .. }
        | SetStateAnswer::Wait { .. }
        | SetStateAnswer::Abort { .. } => None,
    })
}

async fn end_task_runs(
    tx: &mut Tx<'_>,
    run: &FlowRun,
    message: &str,
    now: Timestamp,
) -> Result<()> {
    for mut record in task_run::unfinished(tx, run.id).await? {
        let state = State::crashed(message, now);
        record.tally.enter_task_run(record.states.last(), &state, run.run_count);
        record.states.push(state);
        task_run::put(tx, &record).await?;
    }
    Ok(())
}
