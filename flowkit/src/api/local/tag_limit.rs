//! Answers about concurrency limits of tags, as Prefect has them.

use std::time::Duration;

use super::room::NEVER;
use super::{Local, concurrency};
use crate::api::Answer;
use crate::model::{ConcurrencyLimit, ConcurrencyLimitId, LimitScope};
use crate::store::{Tx, concurrency_limit, slot};
use crate::wire::{
    AcquireSlots, Acquired, DeleteTagLimit, DeleteTagLimitById, FilterConcurrencyLimits,
    FilterTagLimits, GiveTagSlotsBack, Made, ReadTagLimit, ReadTagLimitById, ResetTagLimit,
    SetConcurrencyLimit, SetTagLimit, SlotsOf, TagLimit, TakeTagSlots,
};
use crate::{Error, Result, Timestamp};

/// How soon to ask again for a slot, as in Prefect.
const ASK_AGAIN: Duration = Duration::from_secs(10);

const TAG: LimitScope = LimitScope::Tag;

impl Answer<SetTagLimit> for Local {
    async fn answer(&self, wanted: SetTagLimit) -> Result<Made<TagLimit>> {
        let SetTagLimit { tag, concurrency_limit } = wanted;
        if tag.is_empty() {
            return Err(Error::invalid("a limit needs a tag"));
        }
        let set = SetConcurrencyLimit { scope: TAG, name: tag, limit: concurrency_limit };
        let limit = self.answer(set).await?;
        let is_new = limit.created == limit.updated;
        let now = self.now();
        let value = self.store.read(async move |tx| told(tx, limit, now).await).await?;
        Ok(Made { value, is_new })
    }
}

async fn told(tx: &mut Tx<'_>, limit: ConcurrencyLimit, now: Timestamp) -> Result<TagLimit> {
    let held = slot::holders(tx, limit.id, now).await?;
    Ok(TagLimit {
        active_slots: held.into_iter().map(|slots| slots.holder).collect(),
        id: limit.id,
        created: limit.created,
        updated: limit.updated,
        tag: limit.name,
        concurrency_limit: limit.limit,
    })
}

impl Answer<ReadTagLimit> for Local {
    async fn answer(&self, ReadTagLimit { tag }: ReadTagLimit) -> Result<TagLimit> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| {
            let limit = concurrency::need(tx, TAG, &tag, now).await?;
            told(tx, limit, now).await
        };
        self.store.read(read).await
    }
}

impl Answer<ReadTagLimitById> for Local {
    async fn answer(&self, ReadTagLimitById { id }: ReadTagLimitById) -> Result<TagLimit> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| {
            let limit = need_by_id(tx, id, now).await?;
            told(tx, limit, now).await
        };
        self.store.read(read).await
    }
}

async fn need_by_id(
    tx: &mut Tx<'_>,
    id: ConcurrencyLimitId,
    now: Timestamp,
) -> Result<ConcurrencyLimit> {
    let found = concurrency_limit::read_by_id(tx, id, now).await?;
    let found = found.filter(|limit| limit.scope == TAG);
    found.ok_or_else(|| Error::not_found(format!("concurrency limit {id}")))
}

impl Answer<FilterTagLimits> for Local {
    async fn answer(&self, FilterTagLimits { page }: FilterTagLimits) -> Result<Vec<TagLimit>> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| {
            let wanted = FilterConcurrencyLimits { scope: Some(TAG), page };
            let mut limits = Vec::new();
            for limit in concurrency_limit::filter(tx, wanted, now).await? {
                limits.push(told(tx, limit, now).await?);
            }
            Ok(limits)
        };
        self.store.scan(read).await
    }
}

impl Answer<DeleteTagLimit> for Local {
    async fn answer(&self, DeleteTagLimit { tag }: DeleteTagLimit) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limit = concurrency::need(tx, TAG, &tag, now).await?;
            delete(tx, &limit).await
        };
        self.store.write(write).await
    }
}

impl Answer<DeleteTagLimitById> for Local {
    async fn answer(&self, DeleteTagLimitById { id }: DeleteTagLimitById) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limit = need_by_id(tx, id, now).await?;
            delete(tx, &limit).await
        };
        self.store.write(write).await
    }
}

async fn delete(tx: &mut Tx<'_>, limit: &ConcurrencyLimit) -> Result<()> {
    slot::clear(tx, limit.id).await?;
    concurrency_limit::delete(tx, limit.scope, &limit.name).await.map(drop)
}

impl Answer<ResetTagLimit> for Local {
    async fn answer(&self, ResetTagLimit { tag, slot_override }: ResetTagLimit) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limit = concurrency::need(tx, TAG, &tag, now).await?;
            slot::clear(tx, limit.id).await?;
            for holder in slot_override {
                slot::take(tx, limit.id, holder, 1, NEVER).await?;
            }
            Ok(())
        };
        self.store.write(write).await
    }
}

impl Answer<TakeTagSlots> for Local {
    async fn answer(&self, wanted: TakeTagSlots) -> Result<Vec<SlotsOf>> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let TakeTagSlots { names, task_run_id } = wanted;
            let limits = slots_of(tx, &names, now).await?;
            let acquire =
                AcquireSlots { scope: TAG, names, slots: 1, holder: task_run_id, until: NEVER };
            match concurrency::acquire(tx, acquire, now).await? {
                Acquired::Granted => Ok(limits),
                Acquired::Full { name } | Acquired::Never { name } => {
                    let problem = format!("there is no room for tag '{name}'");
                    Err(Error::conflict(problem).with_retry_after(ASK_AGAIN))
                }
            }
        };
        self.store.write(write).await
    }
}

impl Answer<GiveTagSlotsBack> for Local {
    async fn answer(&self, wanted: GiveTagSlotsBack) -> Result<Vec<SlotsOf>> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limits = slots_of(tx, &wanted.names, now).await?;
            for limit in &limits {
                slot::release_one(tx, limit.id, wanted.task_run_id).await?;
            }
            Ok(limits)
        };
        self.store.write(write).await
    }
}

/// The limits of those tags that have one.
async fn slots_of(tx: &mut Tx<'_>, names: &[String], now: Timestamp) -> Result<Vec<SlotsOf>> {
    let mut limits = Vec::new();
    for name in names {
        if let Some(found) = concurrency_limit::read(tx, TAG, name, now).await? {
            limits.push(SlotsOf { id: found.id, name: found.name, limit: found.limit });
        }
    }
    Ok(limits)
}
