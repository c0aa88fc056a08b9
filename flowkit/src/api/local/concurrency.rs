//! Answers about concurrency limits and their slots.

use uuid::Uuid;

use super::{Local, room};
use crate::Timestamp;
use crate::api::Answer;
use crate::model::{ConcurrencyLimit, LimitScope};
use crate::store::{Tx, concurrency_limit, slot};
use crate::wire::{
    AcquireSlots, Acquired, DeleteConcurrencyLimit, FilterConcurrencyLimits, ReadConcurrencyLimit,
    ReleaseSlots, ResetConcurrencyLimit, SetConcurrencyLimit,
};
use crate::{Error, Result};

/// What all transactions are about that decide who gets a slot.
const SLOTS: Uuid = Uuid::from_u128(0x736c_6f74);

impl Answer<SetConcurrencyLimit> for Local {
    async fn answer(&self, wanted: SetConcurrencyLimit) -> Result<ConcurrencyLimit> {
        let (id, now) = (self.new_id(), self.now());
        let write = async move |tx: &mut Tx<'_>| {
            let SetConcurrencyLimit { scope, name, limit } = wanted;
            let made = ConcurrencyLimit {
                id,
                created: now,
                updated: now,
                scope,
                name,
                limit,
                active: true,
                slot_decay_per_second: 0.0,
                active_slots: 0,
            };
            concurrency_limit::put(tx, &made).await?;
            need(tx, scope, &made.name, now).await
        };
        self.store.write_about(SLOTS, write).await
    }
}

impl Answer<ReadConcurrencyLimit> for Local {
    async fn answer(&self, wanted: ReadConcurrencyLimit) -> Result<ConcurrencyLimit> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| need(tx, wanted.scope, &wanted.name, now).await;
        self.store.read(read).await
    }
}

pub(super) async fn need(
    tx: &mut Tx<'_>,
    scope: LimitScope,
    name: &str,
    now: Timestamp,
) -> Result<ConcurrencyLimit> {
    let found = concurrency_limit::read(tx, scope, name, now).await?;
    found.ok_or_else(|| {
        let scope = match scope {
            LimitScope::Tag => "tag ",
            LimitScope::Name => "",
        };
        Error::not_found(format!("concurrency limit of {scope}'{name}'"))
    })
}

impl Answer<FilterConcurrencyLimits> for Local {
    async fn answer(&self, wanted: FilterConcurrencyLimits) -> Result<Vec<ConcurrencyLimit>> {
        let now = self.now();
        self.store.read(async move |tx| concurrency_limit::filter(tx, wanted, now).await).await
    }
}

impl Answer<DeleteConcurrencyLimit> for Local {
    async fn answer(&self, wanted: DeleteConcurrencyLimit) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let DeleteConcurrencyLimit { scope, name } = wanted;
            let limit = need(tx, scope, &name, now).await?;
            slot::clear(tx, limit.id).await?;
            concurrency_limit::delete(tx, scope, &name).await
        };
        self.store.write_about(SLOTS, write).await.map(drop)
    }
}

impl Answer<ResetConcurrencyLimit> for Local {
    async fn answer(&self, wanted: ResetConcurrencyLimit) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limit = need(tx, wanted.scope, &wanted.name, now).await?;
            slot::clear(tx, limit.id).await
        };
        self.store.write_about(SLOTS, write).await
    }
}

impl Answer<AcquireSlots> for Local {
    async fn answer(&self, wanted: AcquireSlots) -> Result<Acquired> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| acquire(tx, wanted, now).await;
        self.store.write_about(SLOTS, write).await
    }
}

/// Takes all slots or none; nobody else can come in between, since this transaction writes.
pub(super) async fn acquire(
    tx: &mut Tx<'_>,
    mut wanted: AcquireSlots,
    now: Timestamp,
) -> Result<Acquired> {
    wanted.names.sort_unstable();
    wanted.names.dedup();
    let (holder, slots) = (wanted.holder, wanted.slots);
    let mut limits = Vec::new();
    let mut full = None;
    for name in wanted.names {
        let Some(limit) = concurrency_limit::read(tx, wanted.scope, &name, now).await? else {
            continue;
        };
        if !limit.active {
            continue;
        }
        if limit.limit == 0 || slots > limit.limit {
            return Ok(Acquired::Never { name });
        }
        if room::wait(tx, &limit, holder, slots, now).await?.is_some() {
            full.get_or_insert(name);
        }
        limits.push(limit);
    }
    if let Some(name) = full {
        return Ok(Acquired::Full { name });
    }
    for limit in limits {
        room::take(tx, &limit, holder, slots, wanted.until, now).await?;
    }
    Ok(Acquired::Granted)
}

impl Answer<ReleaseSlots> for Local {
    async fn answer(&self, ReleaseSlots { holder }: ReleaseSlots) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| slot::release(tx, holder).await;
        self.store.write_about(holder, write).await
    }
}
