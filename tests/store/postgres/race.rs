//! Processes that want the same at the same time, each a client of its own here.

use flowkit::api::Client;
use flowkit::model::{LimitScope, State};
use flowkit::wire::{
    AcquireSlots, Acquired, ClaimFlowRun, CreateFlowRun, LeaseHolder, ReadFlowRun,
    ReadFlowRunStates, SetConcurrencyLimit, SetFlowRunState, SetStateAnswer, UpdateFlowRun,
};
use flowkit::{Clock, ErrorKind};
use futures_util::future::join_all;

use super::super::{at, flow_run, id, new_flow_run};
use super::opened;
use crate::support::postgres::Database;

const PROCESSES: u32 = 4;

/// A database, and clients that do not know of each other.
async fn clients() -> (Database, Vec<Client>) {
    let database = Database::new().await;
    let mut clients = Vec::new();
    for _ in 0..PROCESSES {
        clients.push(opened(&database.address()).await);
    }
    (database, clients)
}

/// Has each client do something, all at once and several times, and tells what came of it.
async fn all_at_once<T>(clients: &[Client], work: impl AsyncFn(&Client, u32) -> T) -> Vec<T> {
    let turns = (0..5 * PROCESSES).map(|number| (number, &clients[(number % PROCESSES) as usize]));
    join_all(turns.map(|(number, client)| work(client, number))).await
}

#[tokio::test]
async fn one_of_many_claims_a_run() {
    let (_database, clients) = clients().await;
    flow_run(&clients[0], 1).await;
    let claims = all_at_once(&clients, async |client, number| {
        let holder =
            LeaseHolder { id: id(100 + number), host: "here".into(), pid: number, lock_file: None };
        let until = Clock::system().now() + std::time::Duration::from_secs(600);
        client.call(ClaimFlowRun { id: id(1), holder, until }).await
    });
    let claims = claims.await;
    assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 1);
    let is_conflict = |claim: &flowkit::Result<()>| {
        claim.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::Conflict)
    };
    assert!(claims.iter().all(is_conflict), "{claims:?}");
}

#[tokio::test]
async fn slots_are_never_given_twice() {
    let (_database, clients) = clients().await;
    let set = SetConcurrencyLimit { scope: LimitScope::Tag, name: "a".into(), limit: 3 };
    clients[0].call(set).await.expect("set");
    let until = Clock::system().now() + std::time::Duration::from_secs(600);
    let acquired = all_at_once(&clients, async |client, number| {
        let (scope, names) = (LimitScope::Tag, vec!["a".into()]);
        let acquire = AcquireSlots { scope, names, slots: 1, holder: id(100 + number), until };
        client.call(acquire).await.expect("an answer")
    });
    let granted = acquired.await.into_iter().filter(|answer| *answer == Acquired::Granted).count();
    assert_eq!(granted, 3);
}

#[tokio::test]
async fn same_key_makes_one_run_whoever_asks() {
    let (_database, clients) = clients().await;
    let wanted = new_flow_run(&clients[0], 1).await;
    let made = all_at_once(&clients, async |client, number| {
        let idempotency_key = Some("monday".into());
        let wanted = CreateFlowRun { id: id(200 + number), idempotency_key, ..wanted.clone() };
        client.call(wanted).await.expect("made or found")
    });
    let made = made.await;
    assert_eq!(made.iter().filter(|made| made.is_new).count(), 1);
    assert!(made.iter().all(|one| one.value.id == made[0].value.id));
}

#[tokio::test]
async fn nothing_that_one_writes_is_undone_by_another() {
    let (_database, clients) = clients().await;
    flow_run(&clients[0], 1).await;
    let answers = all_at_once(&clients, async |client, number| {
        if number % 2 == 0 {
            let set = SetFlowRunState { id: id(1), state: State::running(at(1)), force: true };
            let answer = client.call(set).await.expect("an answer");
            assert!(matches!(answer, SetStateAnswer::Accept { .. }));
        } else {
            let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
            let tags = Some([run.tags, vec![number.to_string()]].concat());
            let change = UpdateFlowRun { id: id(1), tags, ..UpdateFlowRun::default() };
            client.call(change).await.expect("changed");
        }
    });
    answers.await;
    let run = clients[1].call(ReadFlowRun { id: id(1) }).await.expect("found");
    let states = clients[2].call(ReadFlowRunStates { id: id(1) }).await.expect("states");
    assert_eq!(states.len(), 1 + 5 * PROCESSES as usize / 2);
    assert_eq!(run.state.as_ref(), states.last());
    assert_eq!(run.run_count, 5 * PROCESSES / 2);
}
