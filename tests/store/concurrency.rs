//! Concurrency limits and their slots.

use std::time::Duration;

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::model::LimitScope;
use flowkit::wire::{
    AcquireSlots, Acquired, DeleteConcurrencyLimit, FilterConcurrencyLimits, ReadConcurrencyLimit,
    ReleaseSlots, RenewLeases, ResetConcurrencyLimit, SetConcurrencyLimit,
};

use super::{at, id};

const TAG: LimitScope = LimitScope::Tag;

async fn limit(client: &Client, name: &str, limit: u32) {
    let set = SetConcurrencyLimit { scope: TAG, name: name.into(), limit };
    client.call(set).await.expect("set");
}

async fn acquire(client: &Client, holder: u32, names: &[&str], slots: u32) -> Acquired {
    let names = names.iter().map(|name| (*name).into()).collect();
    let acquire = AcquireSlots { scope: TAG, names, slots, holder: id(holder), until: at(60) };
    client.call(acquire).await.expect("an answer")
}

async fn taken(client: &Client, name: &str) -> u32 {
    let read = ReadConcurrencyLimit { scope: TAG, name: name.into() };
    client.call(read).await.expect("found").active_slots
}

fn full(name: &str) -> Acquired {
    Acquired::Full { name: name.into() }
}

pub(super) async fn slots_are_taken_all_or_none(client: &Client) {
    limit(client, "a", 2).await;
    limit(client, "b", 1).await;
    assert_eq!(acquire(client, 50, &["a", "b", "free"], 1).await, Acquired::Granted);
    assert_eq!(acquire(client, 51, &["b", "a"], 1).await, full("b"));
    assert_eq!((taken(client, "a").await, taken(client, "b").await), (1, 1));
    assert_eq!(acquire(client, 51, &["a", "a"], 1).await, Acquired::Granted);
    assert_eq!(acquire(client, 52, &["a"], 1).await, full("a"));
    assert_eq!(acquire(client, 51, &["a"], 1).await, Acquired::Granted, "it has them");
    assert_eq!(acquire(client, 52, &["free"], 99).await, Acquired::Granted);
    let other = AcquireSlots {
        scope: LimitScope::Name,
        names: vec!["a".into()],
        slots: 1,
        holder: id(53),
        until: at(60),
    };
    assert_eq!(client.call(other).await.expect("an answer"), Acquired::Granted, "no tag");
}

pub(super) async fn limit_that_is_too_small_is_never_free(client: &Client) {
    limit(client, "a", 2).await;
    limit(client, "zero", 0).await;
    let never = |name: &str| Acquired::Never { name: name.into() };
    assert_eq!(acquire(client, 50, &["a"], 3).await, never("a"));
    assert_eq!(acquire(client, 50, &["a", "zero"], 1).await, never("zero"));
    assert_eq!(taken(client, "a").await, 0);
}

pub(super) async fn slots_of_a_dead_holder_are_free(client: &Client) {
    limit(client, "a", 1).await;
    acquire(client, 50, &["a"], 1).await;
    client.clock().advance(Duration::from_secs(59));
    assert_eq!(acquire(client, 51, &["a"], 1).await, full("a"));
    client.clock().advance(Duration::from_secs(1));
    assert_eq!(taken(client, "a").await, 0);
    assert_eq!(acquire(client, 51, &["a"], 1).await, Acquired::Granted);
}

pub(super) async fn renewed_slots_stay_taken(client: &Client) {
    limit(client, "a", 1).await;
    acquire(client, 50, &["a"], 1).await;
    let renew = RenewLeases { holder: id(1), until: at(120), slot_holders: vec![id(50)] };
    client.call(renew).await.expect("renewed");
    client.clock().advance(Duration::from_secs(100));
    assert_eq!(acquire(client, 51, &["a"], 1).await, full("a"));
}

pub(super) async fn released_and_reset_slots_are_free(client: &Client) {
    limit(client, "a", 1).await;
    acquire(client, 50, &["a"], 1).await;
    client.call(ReleaseSlots { holder: id(50) }).await.expect("released");
    assert_eq!(acquire(client, 51, &["a"], 1).await, Acquired::Granted);
    let reset = ResetConcurrencyLimit { scope: TAG, name: "a".into() };
    client.call(reset).await.expect("reset");
    assert_eq!(acquire(client, 52, &["a"], 1).await, Acquired::Granted);
}

pub(super) async fn limits_are_listed_and_deleted(client: &Client) {
    limit(client, "b", 1).await;
    limit(client, "a", 1).await;
    limit(client, "a", 5).await;
    acquire(client, 50, &["a"], 3).await;
    let all = client.call(FilterConcurrencyLimits::default()).await.expect("limits");
    let told: Vec<_> =
        all.iter().map(|limit| (limit.name.as_str(), limit.limit, limit.active_slots)).collect();
    assert_eq!(told, [("a", 5, 3), ("b", 1, 0)]);
    let scope = Some(LimitScope::Name);
    let wanted = FilterConcurrencyLimits { scope, ..FilterConcurrencyLimits::default() };
    assert!(client.call(wanted).await.expect("limits").is_empty());
    let delete = || DeleteConcurrencyLimit { scope: TAG, name: "a".into() };
    client.call(delete()).await.expect("deleted");
    let error = client.call(delete()).await.expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "concurrency limit of tag 'a' not found");
}
