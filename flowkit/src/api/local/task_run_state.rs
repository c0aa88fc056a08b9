//! Answers to clients that have the states of their task runs decided here: Prefect's of version 2.
//!
//! Runs that flowkit executes itself do not come here; their process decides by the same rules.

use std::time::Duration;

use super::Local;
use super::concurrency::acquire;
use crate::api::Answer;
use crate::chance;
use crate::model::{LimitScope, State, StateType};
use crate::rules::task_run::{Slots, TaskRunFacts, propose};
use crate::rules::{Standing, Verdict};
use crate::store::{Tx, count, flow_run, slot, task_run};
use crate::wire::{AcquireSlots, Acquired, SetStateAnswer, SetTaskRunState, TaskRunRecord};
use crate::{Error, Result, Timestamp};

/// How long a slot is held that nobody renews: clients of version 2 have no lease to renew.
const SLOT_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// When a client asks again for a slot.
const SLOT_WAIT: Duration = Duration::from_secs(1);

impl Answer<SetTaskRunState> for Local {
    async fn answer(&self, mut wanted: SetTaskRunState) -> Result<SetStateAnswer> {
        let now = self.now();
        wanted.state.settle(now);
        self.store.write(async move |tx| set_state(tx, wanted, now).await).await
    }
}

async fn set_state(
    tx: &mut Tx<'_>,
    wanted: SetTaskRunState,
    now: Timestamp,
) -> Result<SetStateAnswer> {
    let SetTaskRunState { id, state, force } = wanted;
    let found = task_run::record(tx, id).await?;
    let mut record = found.ok_or_else(|| Error::not_found(format!("task run {id}")))?;
    let facts = facts(tx, &record, &state, force, now).await?;
    note_cache_key(&mut record, &state);
    let verdict = if force {
        Verdict::Accept(state)
    } else {
        let standing =
            Standing { state: record.state(), policy: &record.task.policy, tally: record.tally };
        propose(standing, &facts, state, now)
    };
    let answer = match verdict {
        Verdict::Accept(state) => SetStateAnswer::Accept { state },
        Verdict::Reject { state, reason } => SetStateAnswer::Reject { state, reason },
        Verdict::Wait { delay, reason } => {
            SetStateAnswer::Wait { delay_seconds: delay.as_secs_f64(), reason }
        }
        Verdict::Abort { reason } => SetStateAnswer::Abort { reason },
    };
    if let SetStateAnswer::Accept { state } | SetStateAnswer::Reject { state, .. } = &answer {
        enter(tx, &mut record, state.clone(), facts.flow_run_run_count).await?;
    }
    // Slots belong to a run that is running; they are taken before it is known whether it may.
    if record.state().is_none_or(|state| state.kind != StateType::Running) {
        slot::release(tx, id.as_uuid()).await?;
    }
    Ok(answer)
}

/// Writes the state that a task run enters.
pub(super) async fn enter(
    tx: &mut Tx<'_>,
    record: &mut TaskRunRecord,
    state: State,
    flow_run_run_count: u32,
) -> Result<()> {
    if record.states.iter().any(|known| known.id == state.id) {
        return Ok(());
    }
    record.tally.enter_task_run(record.states.last(), &state, flow_run_run_count);
    record.states.push(state);
    let mut deltas = count::Deltas::default();
    task_run::keep(tx, record, &mut deltas).await?;
    count::add(tx, &deltas).await
}

/// What the rules need to know beside the run.
async fn facts(
    tx: &mut Tx<'_>,
    record: &TaskRunRecord,
    proposed: &State,
    force: bool,
    now: Timestamp,
) -> Result<TaskRunFacts> {
    let flow_run = match record.flow_run_id {
        Some(id) => flow_run::read(tx, id).await?,
        None => None,
    };
    let mut facts = TaskRunFacts {
        flow_run: flow_run.as_ref().map(crate::model::FlowRun::state_type),
        flow_run_run_count: flow_run.map_or(1, |run| run.run_count),
        has_result: record.state().is_some_and(|state| state.data.is_some()),
        chance: chance::random_unit(),
        ..TaskRunFacts::default()
    };
    if proposed.kind == StateType::Running && !force {
        facts.cached = cached(tx, record, proposed, now).await?;
        if facts.cached.is_none() {
            facts.slots = slots(tx, record, now).await?;
        }
    }
    Ok(facts)
}

/// The state of a run that completed under the cache key that is proposed.
async fn cached(
    tx: &mut Tx<'_>,
    record: &TaskRunRecord,
    proposed: &State,
    now: Timestamp,
) -> Result<Option<State>> {
    let details = proposed.details();
    let Some(key) = &details.cache_key else { return Ok(None) };
    if details.refresh_cache == Some(true) {
        return Ok(None);
    }
    let Some(found) = task_run::cached(tx, key, now).await? else { return Ok(None) };
    if found.task_run_id == record.id {
        return Ok(None);
    }
    let earlier = task_run::record(tx, found.task_run_id).await?;
    Ok(earlier.and_then(|earlier| earlier.states.into_iter().next_back()))
}

/// Keeps the key under which the result of a run is found, once it has one.
fn note_cache_key(record: &mut TaskRunRecord, state: &State) {
    let details = state.details();
    let Some(key) = &details.cache_key else { return };
    record.cache_key = Some(key.clone());
    record.cache_expiration = details.cache_expiration.or(record.cache_expiration);
    if state.is_completed() {
        record.result = Some(state.data.as_ref().map_or("null".into(), ToString::to_string));
    }
}

/// Takes the slots that a run needs to start.
async fn slots(tx: &mut Tx<'_>, record: &TaskRunRecord, now: Timestamp) -> Result<Slots> {
    let names = [record.task.tags.as_slice(), record.extra_tags.as_slice()].concat();
    if names.is_empty() {
        return Ok(Slots::Granted);
    }
    let wanted = AcquireSlots {
        scope: LimitScope::Tag,
        names,
        slots: 1,
        holder: record.id.as_uuid(),
        until: now + SLOT_LEASE,
    };
    Ok(match acquire(tx, wanted, now).await? {
        Acquired::Granted => Slots::Granted,
        Acquired::Full { name } => Slots::Full { tag: name, retry_after: SLOT_WAIT },
        Acquired::Never { name } => Slots::Closed { tag: name },
    })
}
