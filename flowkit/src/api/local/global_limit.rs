//! Answers about named concurrency limits and their leases, as Prefect has them.

use std::time::Duration;

use uuid::Uuid;

use super::room::{NEVER, NOBODY};
use super::{Local, room};
use crate::api::Answer;
use crate::model::{ConcurrencyLimit, ConcurrencyLimitId, LimitScope};
use crate::store::{Tx, concurrency_limit, slot};
use crate::wire::{
    CreateGlobalLimit, DeleteGlobalLimit, EndSlotLease, FilterConcurrencyLimits,
    FilterGlobalLimits, GiveSlotsBack, GlobalLimit, LeaseSlots, ReadGlobalLimit, RenewSlotLease,
    SlotLease, SlotMode, SlotsOf, TakeSlots, UpdateGlobalLimit,
};
use crate::{Error, Result, Timestamp};

const NAME: LimitScope = LimitScope::Name;

/// How soon to ask again where there never is room, since a limit may change.
const ASK_MUCH_LATER: Duration = Duration::from_secs(30);

/// How long slots are held, as Prefect assumes while it does not know.
const OCCUPANCY_SECONDS: f64 = 2.0;

impl Answer<CreateGlobalLimit> for Local {
    async fn answer(&self, wanted: CreateGlobalLimit) -> Result<GlobalLimit> {
        check_name(&wanted.name)?;
        check_rate(wanted.slot_decay_per_second)?;
        let (id, now) = (self.new_id(), self.now());
        let write = async move |tx: &mut Tx<'_>| {
            let CreateGlobalLimit { name, limit, active, slot_decay_per_second } = wanted;
            let made = ConcurrencyLimit {
                id,
                created: now,
                updated: now,
                scope: NAME,
                name,
                limit,
                active,
                slot_decay_per_second,
                active_slots: 0,
            };
            check_free(tx, &made.name, now).await?;
            concurrency_limit::put(tx, &made).await?;
            concurrency_limit::change(tx, &made).await?;
            told(tx, made, now).await
        };
        self.store.write(write).await
    }
}

fn check_name(name: &str) -> Result<()> {
    if !name.is_empty() && !name.contains(['/', '%', '&', '<', '>']) {
        return Ok(());
    }
    Err(Error::invalid(format!("a concurrency limit cannot be called '{name}'"))
        .with_hint("a name has no / % & < >"))
}

fn check_rate(rate: f64) -> Result<()> {
    if (0.0..1e9).contains(&rate) {
        return Ok(());
    }
    Err(Error::invalid("slots become free at a rate of 0 or more a second"))
}

async fn check_free(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<()> {
    match concurrency_limit::read(tx, NAME, name, now).await? {
        Some(_) => Err(Error::conflict(format!("concurrency limit '{name}' exists already"))),
        None => Ok(()),
    }
}

async fn told(tx: &mut Tx<'_>, limit: ConcurrencyLimit, now: Timestamp) -> Result<GlobalLimit> {
    let active_slots = if limit.slot_decay_per_second > 0.0 {
        let level = room::level(tx, &limit, now).await?.ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is few")]
        let level = level as u32;
        level
    } else {
        limit.active_slots
    };
    Ok(GlobalLimit {
        id: limit.id,
        created: limit.created,
        updated: limit.updated,
        active: limit.active,
        name: limit.name,
        limit: limit.limit,
        active_slots,
        denied_slots: 0,
        slot_decay_per_second: limit.slot_decay_per_second,
        avg_slot_occupancy_seconds: OCCUPANCY_SECONDS,
    })
}

/// The limit of that id or name.
async fn need(tx: &mut Tx<'_>, id_or_name: &str, now: Timestamp) -> Result<ConcurrencyLimit> {
    let found = match id_or_name.parse::<ConcurrencyLimitId>() {
        Ok(id) => concurrency_limit::read_by_id(tx, id, now).await?,
        Err(_) => concurrency_limit::read(tx, NAME, id_or_name, now).await?,
    };
    let found = found.filter(|limit| limit.scope == NAME);
    found.ok_or_else(|| Error::not_found(format!("concurrency limit '{id_or_name}'")))
}

impl Answer<ReadGlobalLimit> for Local {
    async fn answer(&self, ReadGlobalLimit { id_or_name }: ReadGlobalLimit) -> Result<GlobalLimit> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| {
            let limit = need(tx, &id_or_name, now).await?;
            told(tx, limit, now).await
        };
        self.store.read(read).await
    }
}

impl Answer<FilterGlobalLimits> for Local {
    async fn answer(&self, wanted: FilterGlobalLimits) -> Result<Vec<GlobalLimit>> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| {
            let wanted = FilterConcurrencyLimits { scope: Some(NAME), page: wanted.page };
            let mut limits = Vec::new();
            for limit in concurrency_limit::filter(tx, wanted, now).await? {
                limits.push(told(tx, limit, now).await?);
            }
            Ok(limits)
        };
        self.store.scan(read).await
    }
}

impl Answer<UpdateGlobalLimit> for Local {
    async fn answer(&self, change: UpdateGlobalLimit) -> Result<()> {
        if let Some(name) = &change.name {
            check_name(name)?;
        }
        if let Some(rate) = change.slot_decay_per_second {
            check_rate(rate)?;
        }
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let mut known = need(tx, &change.id_or_name, now).await?;
            if let Some(name) = change.name.filter(|name| *name != known.name) {
                check_free(tx, &name, now).await?;
                known.name = name;
            }
            let rate = change.slot_decay_per_second.unwrap_or(known.slot_decay_per_second);
            if (rate > 0.0) != (known.slot_decay_per_second > 0.0) {
                // Held slots and a bucket are not the same thing.
                slot::clear(tx, known.id).await?;
            }
            known.slot_decay_per_second = rate;
            known.active = change.active.unwrap_or(known.active);
            known.limit = change.limit.unwrap_or(known.limit);
            known.updated = now;
            concurrency_limit::change(tx, &known).await
        };
        self.store.write(write).await
    }
}

impl Answer<DeleteGlobalLimit> for Local {
    async fn answer(&self, DeleteGlobalLimit { id_or_name }: DeleteGlobalLimit) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limit = need(tx, &id_or_name, now).await?;
            slot::clear(tx, limit.id).await?;
            concurrency_limit::delete(tx, NAME, &limit.name).await.map(drop)
        };
        self.store.write(write).await
    }
}

impl Answer<TakeSlots> for Local {
    async fn answer(&self, wanted: TakeSlots) -> Result<Vec<SlotsOf>> {
        let now = self.now();
        let take = async move |tx: &mut Tx<'_>| {
            let TakeSlots { slots, names, mode } = wanted;
            take(tx, &names, slots, mode, (NOBODY, NEVER), now).await
        };
        self.store.write(take).await
    }
}

/// Takes slots of all limits of those names or of none; nobody else can come in between.
async fn take(
    tx: &mut Tx<'_>,
    names: &[String],
    slots: u32,
    mode: SlotMode,
    (holder, until): (Uuid, Timestamp),
    now: Timestamp,
) -> Result<Vec<SlotsOf>> {
    let limits = heeded(tx, names, now).await?;
    for limit in &limits {
        let name = &limit.name;
        if mode == SlotMode::RateLimit && limit.slot_decay_per_second <= 0.0 {
            let problem = format!("slots of '{name}' do not become free by themselves");
            return Err(Error::invalid(problem).with_hint("give it a slot_decay_per_second"));
        }
        let delay = match slots > limit.limit {
            true => Some(ASK_MUCH_LATER),
            false => room::wait(tx, limit, holder, slots, now).await?,
        };
        if let Some(delay) = delay {
            let problem = format!("there is no room under concurrency limit '{name}'");
            return Err(Error::conflict(problem).with_retry_after(delay));
        }
    }
    for limit in &limits {
        room::take(tx, limit, holder, slots, until, now).await?;
    }
    Ok(limits.into_iter().map(slots_of).collect())
}

/// The limits of those names that are there and heeded, each once.
async fn heeded(
    tx: &mut Tx<'_>,
    names: &[String],
    now: Timestamp,
) -> Result<Vec<ConcurrencyLimit>> {
    let mut names: Vec<_> = names.iter().collect();
    names.sort_unstable();
    names.dedup();
    let mut limits = Vec::new();
    for name in names {
        let found = concurrency_limit::read(tx, NAME, name, now).await?;
        limits.extend(found.filter(|limit| limit.active));
    }
    Ok(limits)
}

fn slots_of(limit: ConcurrencyLimit) -> SlotsOf {
    SlotsOf { id: limit.id, name: limit.name, limit: limit.limit }
}

impl Answer<GiveSlotsBack> for Local {
    async fn answer(&self, GiveSlotsBack { slots, names }: GiveSlotsBack) -> Result<Vec<SlotsOf>> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let limits = heeded(tx, &names, now).await?;
            for limit in &limits {
                room::give_back(tx, limit, slots).await?;
            }
            Ok(limits.into_iter().map(slots_of).collect())
        };
        self.store.write(write).await
    }
}

impl Answer<LeaseSlots> for Local {
    async fn answer(&self, wanted: LeaseSlots) -> Result<SlotLease> {
        let now = self.now();
        let until = now + lease_duration(wanted.lease_duration)?;
        let lease_id: Uuid = self.new_id();
        let write = async move |tx: &mut Tx<'_>| {
            let LeaseSlots { slots, names, mode, .. } = wanted;
            let limits = take(tx, &names, slots, mode, (lease_id, until), now).await?;
            // The lease itself: it can be renewed even if none of the names has a limit.
            let itself = ConcurrencyLimitId::from(NOBODY);
            slot::forget_expired(tx, itself, now).await?;
            slot::take(tx, itself, lease_id, 0, until).await?;
            Ok(SlotLease { lease_id, limits })
        };
        self.store.write(write).await
    }
}

fn lease_duration(seconds: f64) -> Result<Duration> {
    if (60.0..=86_400.0).contains(&seconds) {
        return Ok(Duration::from_secs_f64(seconds));
    }
    Err(Error::invalid(format!("a lease lasts 60 to 86400 seconds, not {seconds}")))
}

impl Answer<RenewSlotLease> for Local {
    async fn answer(
        &self,
        RenewSlotLease { id, lease_duration: long }: RenewSlotLease,
    ) -> Result<()> {
        let now = self.now();
        let until = now + lease_duration(long)?;
        let write = async move |tx: &mut Tx<'_>| match slot::renew_held(tx, id, until, now).await? {
            true => Ok(()),
            false => Err(Error::not_found(format!("lease {id}"))
                .with_hint("it has ended, or was given back")),
        };
        self.store.write(write).await
    }
}

impl Answer<EndSlotLease> for Local {
    async fn answer(&self, EndSlotLease { lease_id }: EndSlotLease) -> Result<()> {
        self.store.write(async move |tx| slot::release(tx, lease_id).await).await
    }
}
