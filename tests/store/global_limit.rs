//! Concurrency limits as Prefect has them: of tags and of names, with and without leases.

use std::time::Duration;

use flowkit::api::Client;
use flowkit::wire::{
    CreateGlobalLimit, DeleteGlobalLimit, DeleteTagLimit, EndSlotLease, FilterGlobalLimits,
    FilterTagLimits, GiveSlotsBack, GiveTagSlotsBack, GlobalLimit, LeaseSlots, ReadGlobalLimit,
    ReadTagLimit, ReadTagLimitById, RenewSlotLease, ResetTagLimit, SetTagLimit, SlotLease,
    SlotMode, TakeSlots, TakeTagSlots, UpdateGlobalLimit,
};
use flowkit::{Error, ErrorKind, Result};

use super::id;

async fn make(client: &Client, name: &str, limit: u32, rate: f64) -> GlobalLimit {
    let create =
        CreateGlobalLimit { name: name.into(), limit, active: true, slot_decay_per_second: rate };
    client.call(create).await.expect("a limit")
}

async fn lease(client: &Client, slots: u32, names: &[&str]) -> Result<SlotLease> {
    let lease = LeaseSlots {
        slots,
        names: names.iter().map(|name| (*name).into()).collect(),
        mode: SlotMode::Concurrency,
        lease_duration: 60.0,
        holder: None,
    };
    client.call(lease).await
}

async fn take(client: &Client, slots: u32, name: &str, mode: SlotMode) -> Result<()> {
    client.call(TakeSlots { slots, names: vec![name.into()], mode }).await.map(drop)
}

async fn active(client: &Client, name: &str) -> u32 {
    let read = ReadGlobalLimit { id_or_name: name.into() };
    client.call(read).await.expect("found").active_slots
}

#[track_caller]
fn is_full<T: std::fmt::Debug>(answer: Result<T>) -> Duration {
    let error: Error = answer.expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    error.retry_after().expect("it says when to ask again")
}

pub(super) async fn limit_is_made_changed_and_deleted(client: &Client) {
    let made = make(client, "database", 2, 0.0).await;
    let again = CreateGlobalLimit {
        name: "database".into(),
        limit: 1,
        active: true,
        slot_decay_per_second: 0.0,
    };
    assert_eq!(client.call(again).await.expect_err("taken").kind(), ErrorKind::Conflict);
    let change = UpdateGlobalLimit {
        id_or_name: made.id.to_string(),
        name: Some("db".into()),
        active: Some(false),
        ..UpdateGlobalLimit::default()
    };
    client.call(change).await.expect("changed");
    let read = client.call(ReadGlobalLimit { id_or_name: "db".into() }).await.expect("found");
    assert_eq!((read.id, read.active, read.limit), (made.id, false, 2));
    for _ in 0..3 {
        take(client, 1, "db", SlotMode::Concurrency).await.expect("nobody heeds it");
    }
    assert_eq!(client.call(FilterGlobalLimits::default()).await.expect("limits").len(), 1);
    client.call(DeleteGlobalLimit { id_or_name: "db".into() }).await.expect("deleted");
    let gone = client.call(DeleteGlobalLimit { id_or_name: "db".into() }).await;
    assert_eq!(gone.expect_err("gone").kind(), ErrorKind::NotFound);
}

pub(super) async fn slots_without_a_lease_are_counted(client: &Client) {
    make(client, "a", 2, 0.0).await;
    take(client, 1, "a", SlotMode::Concurrency).await.expect("room");
    take(client, 1, "a", SlotMode::Concurrency).await.expect("room");
    is_full(take(client, 1, "a", SlotMode::Concurrency).await);
    assert_eq!(active(client, "a").await, 2);
    client.clock().advance(Duration::from_hours(1000));
    is_full(take(client, 1, "a", SlotMode::Concurrency).await);
    let back = GiveSlotsBack { slots: 1, names: vec!["a".into()] };
    client.call(back.clone()).await.expect("given back");
    take(client, 1, "a", SlotMode::Concurrency).await.expect("room");
    for _ in 0..3 {
        client.call(back.clone()).await.expect("more than there are");
    }
    assert_eq!(active(client, "a").await, 0);
    let error = take(client, 1, "a", SlotMode::RateLimit).await.expect_err("no rate");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    take(client, 9, "unknown", SlotMode::Concurrency).await.expect("free");
}

pub(super) async fn lease_ends_by_itself_or_is_renewed(client: &Client) {
    make(client, "a", 1, 0.0).await;
    make(client, "b", 1, 0.0).await;
    let first = lease(client, 1, &["b", "a", "a"]).await.expect("room");
    assert_eq!(first.limits.len(), 2);
    is_full(lease(client, 1, &["a"]).await);
    let renew = |lease: &SlotLease| RenewSlotLease { id: lease.lease_id, lease_duration: 60.0 };

    client.clock().advance(Duration::from_secs(50));
    client.call(renew(&first)).await.expect("renewed");
    client.clock().advance(Duration::from_secs(50));
    is_full(lease(client, 1, &["a"]).await);
    client.clock().advance(Duration::from_secs(10));

    let second = lease(client, 1, &["a"]).await.expect("the first has ended");
    let error = client.call(renew(&first)).await.expect_err("too late");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    is_full(lease(client, 1, &["a"]).await);
    for _ in 0..2 {
        client.call(EndSlotLease { lease_id: second.lease_id }).await.expect("ended");
    }
    assert_eq!(active(client, "a").await, 0);
    let free = lease(client, 1, &["unknown"]).await.expect("free");
    client.call(renew(&free)).await.expect("renewed");
    let long = RenewSlotLease { id: free.lease_id, lease_duration: 1e9 };
    assert_eq!(client.call(long).await.expect_err("too long").kind(), ErrorKind::Invalid);
}

pub(super) async fn ended_lease_is_not_renewed_by_anybody_at_once(client: &Client) {
    make(client, "a", 1, 0.0).await;
    let first = lease(client, 1, &["a"]).await.expect("room");
    client.clock().advance(Duration::from_secs(60));
    let renew = || client.call(RenewSlotLease { id: first.lease_id, lease_duration: 60.0 });

    let (one, second, other) = tokio::join!(renew(), lease(client, 1, &["a"]), renew());

    assert!(one.is_err() && other.is_err());
    second.expect("room");
    assert_eq!(active(client, "a").await, 1);
}

pub(super) async fn rate_lets_so_many_in_a_second(client: &Client) {
    make(client, "a", 2, 0.5).await;
    for _ in 0..2 {
        take(client, 1, "a", SlotMode::RateLimit).await.expect("room");
    }
    assert_eq!(active(client, "a").await, 2);
    assert_eq!(is_full(take(client, 1, "a", SlotMode::RateLimit).await), Duration::from_secs(2));
    client.clock().advance(Duration::from_secs(1));
    assert_eq!(is_full(take(client, 1, "a", SlotMode::RateLimit).await), Duration::from_secs(1));
    client.clock().advance(Duration::from_secs(1));
    take(client, 1, "a", SlotMode::RateLimit).await.expect("room again");
    client.clock().advance(Duration::from_secs(100));
    assert_eq!(active(client, "a").await, 0);
}

pub(super) async fn names_are_checked_and_numbers_too(client: &Client) {
    for (name, rate) in [("", 0.0), ("a/b", 0.0), ("<b>", 0.0), ("a", -1.0), ("a", f64::NAN)] {
        let create = CreateGlobalLimit {
            name: name.into(),
            limit: 1,
            active: true,
            slot_decay_per_second: rate,
        };
        let error = client.call(create).await.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
    }
    let nasty = "'; DROP TABLE slot; --";
    make(client, nasty, 1, 0.0).await;
    assert_eq!(active(client, nasty).await, 0);
}

pub(super) async fn tags_are_limited_as_prefect_has_it(client: &Client) {
    let set = |limit| SetTagLimit { tag: "db/1".into(), concurrency_limit: limit };
    assert!(client.call(set(1)).await.expect("made").is_new);
    client.clock().advance(Duration::from_secs(1));
    let changed = client.call(set(2)).await.expect("changed");
    assert!(!changed.is_new);
    let take = |run: u32| TakeTagSlots {
        names: vec!["db/1".into(), "free".into()],
        task_run_id: id::<flowkit::model::TaskRunId>(run).as_uuid(),
    };
    assert_eq!(client.call(take(1)).await.expect("room").len(), 1);
    client.call(take(2)).await.expect("room");
    is_full(client.call(take(3)).await);
    let read = client.call(ReadTagLimit { tag: "db/1".into() }).await.expect("found");
    assert_eq!((read.concurrency_limit, read.active_slots.len()), (2, 2));
    let by_id = client.call(ReadTagLimitById { id: read.id }).await.expect("found");
    assert_eq!(by_id, read);
    let TakeTagSlots { names, task_run_id } = take(1);
    client.call(GiveTagSlotsBack { names, task_run_id }).await.expect("given back");
    client.call(take(3)).await.expect("room");
    let slot_override = vec![task_run_id];
    let reset = ResetTagLimit { tag: "db/1".into(), slot_override: slot_override.clone() };
    client.call(reset).await.expect("reset");
    let all = client.call(FilterTagLimits::default()).await.expect("limits");
    assert_eq!(all[0].active_slots, slot_override);
    client.call(DeleteTagLimit { tag: "db/1".into() }).await.expect("deleted");
    let gone = client.call(ReadTagLimit { tag: "db/1".into() }).await.expect_err("gone");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}
