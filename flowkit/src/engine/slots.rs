//! Slots: the places under concurrency limits that a run holds while it runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use uuid::Uuid;

use super::runtime::Runtime;
use crate::Result;
use crate::model::LimitScope;
use crate::rules::task_run::Slots;
use crate::wire::{AcquireSlots, Acquired, ReleaseSlots, TaskRunRecord, look};

/// How long to wait before asking again, if nobody in this process gives slots back before.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// The slots that a task run holds under the limits of its tags.
#[derive(Debug)]
pub(super) struct HeldSlots(Option<Uuid>);

impl HeldSlots {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Takes a slot under the limit of each tag, all or none.
    ///
    /// A run without tags, or whose tags have no limit as far as this process knows, asks nobody.
    pub(super) async fn take(
        &mut self,
        runtime: &Runtime,
        record: &Arc<Mutex<TaskRunRecord>>,
    ) -> Result<Slots> {
        if self.0.is_some() {
            return Ok(Slots::Granted);
        }
        let (id, tags) = look(record, |record| {
            let tags = record.task.tags.iter().chain(&record.extra_tags);
            (record.id, tags.filter(|tag| runtime.is_limited(tag)).cloned().collect::<Vec<_>>())
        });
        if tags.is_empty() {
            return Ok(Slots::Granted);
        }
        let holder = id.as_uuid();
        let acquired = acquire(runtime, LimitScope::Tag, tags, 1, holder).await?;
        Ok(match acquired {
            Acquired::Granted => {
                self.0 = Some(holder);
                Slots::Granted
            }
            Acquired::Full { name } => Slots::Full { tag: name, retry_after: ASK_AGAIN },
            Acquired::Never { name } => Slots::Closed { tag: name },
        })
    }

    /// Waits until somebody in this process gave slots back, at most that long.
    pub(super) async fn wait(&self, runtime: &Runtime, delay: Duration) {
        wait(runtime, delay).await;
    }

    /// Gives the slots back.
    pub(super) async fn release(&mut self, runtime: &Runtime) {
        if let Some(holder) = self.0.take() {
            release(runtime, holder).await;
        }
    }

    /// Gives the slots back from code that cannot wait.
    pub(super) fn release_later(&mut self, runtime: &Runtime) {
        if let Some(holder) = self.0.take() {
            runtime.release_later(holder);
        }
    }
}

/// Takes slots, kept alive by this process's heartbeat.
pub(super) async fn acquire(
    runtime: &Runtime,
    scope: LimitScope,
    names: Vec<String>,
    slots: u32,
    holder: Uuid,
) -> Result<Acquired> {
    let until = runtime.clock().now() + runtime.settings().lease_duration();
    let acquired =
        runtime.client().call(AcquireSlots { scope, names, slots, holder, until }).await?;
    if acquired == Acquired::Granted {
        runtime.keep_slots(holder);
    }
    Ok(acquired)
}

/// Gives slots back; if that fails their lease ends by itself.
pub(super) async fn release(runtime: &Runtime, holder: Uuid) {
    runtime.forget_slots(holder);
    if let Err(error) = runtime.client().call(ReleaseSlots { holder }).await {
        let reason = error.full_message();
        tracing::warn!(target: "flowkit", "Concurrency slots were not given back and stay taken until their lease ends: {reason}");
    }
    runtime.slots_freed().notify_waiters();
}

/// Waits until somebody in this process gave slots back, at most that long.
pub(super) async fn wait(runtime: &Runtime, delay: Duration) {
    tokio::select! {
        () = runtime.slots_freed().notified() => {}
        () = runtime.clock().sleep(delay) => {}
    }
}
