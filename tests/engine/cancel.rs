//! Cancelling, pausing and going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flowkit::ErrorKind;
use flowkit::model::{FlowRunId, State};
use flowkit::prelude::*;
use flowkit::wire::SetFlowRunState;
use tokio::sync::Notify;

use crate::support::Scratch;

type Signal = Arc<Notify>;

#[task]
async fn hang(#[resource] started: Signal) {
    started.notify_one();
    std::future::pending::<()>().await;
}

#[expect(clippy::needless_pass_by_value, reason = "a hook owns what it is told")]
fn cancelled_hook(event: flowkit::run::HookEvent) {
    HOOKED.store(event.state.name == "Cancelled", Ordering::SeqCst);
}

static HOOKED: AtomicBool = AtomicBool::new(false);

#[flow(on_cancellation = cancelled_hook)]
async fn hanging(#[resource] started: Signal) -> flowkit::Result<()> {
    hang(started).await
}

#[flow]
async fn around(#[resource] started: Signal) -> flowkit::Result<()> {
    hanging(started).await
}

/// Proposes a state as another process would.
async fn propose(scratch: &Scratch, id: FlowRunId, state: State) {
    let other = scratch.restart().await;
    let proposal = SetFlowRunState { id, state, force: false };
    other.client().call(proposal).await.expect("answered");
    scratch.runtime().look_after_runs().await.expect("looked after");
}

#[tokio::test]
async fn flow_run_is_cancelled_from_another_process_with_all_that_is_in_it() {
    let scratch = Scratch::new().await;
    let started = Signal::default();
    let flow = scratch.hold(async { around(started.clone()).await });
    let cancel = async {
        started.notified().await;
        let outermost = scratch.flow_runs().await[0].id;
        let now = scratch.runtime().clock().now();
        propose(&scratch, outermost, State::cancelling(now)).await;
    };
    let (ended, ()) = tokio::join!(flow, cancel);
    assert_eq!(ended.expect_err("cancelled").kind(), ErrorKind::Cancelled);
    let states: Vec<_> =
        scratch.flow_runs().await.into_iter().map(|run| run.state.expect("a state").name).collect();
    assert_eq!(states, ["Cancelled", "Cancelled"]);
    assert_eq!(scratch.task_states("hang-0").await, ["Pending", "Running", "Cancelled"]);
    assert!(HOOKED.load(Ordering::SeqCst), "the hook was called");
}

#[task]
fn sync_hang(#[resource] started: Signal) -> bool {
    started.notify_one();
    let token = flowkit::cancellation();
    while !token.is_cancelled() {
        std::thread::yield_now();
    }
    true
}

#[flow]
async fn sync_hanging(#[resource] started: Signal) -> flowkit::Result<bool> {
    sync_hang(started).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_code_sees_the_token() {
    let scratch = Scratch::new().await;
    let started = Signal::default();
    let flow = scratch.hold(async { sync_hanging(started.clone()).await });
    let cancel = async {
        started.notified().await;
        scratch.runtime().cancel_all();
    };
    let (ended, ()) = tokio::join!(flow, cancel);
    assert_eq!(ended.expect_err("cancelled").kind(), ErrorKind::Cancelled);
    assert_eq!(scratch.flow_states().await, ["Pending", "Running", "Cancelled"]);
}

#[tokio::test]
async fn dropped_call_is_a_cancelled_run() {
    let scratch = Scratch::new().await;
    let started = Signal::default();
    let call = scratch.hold(async { hanging(started.clone()).await });
    tokio::select! {
        _ = call => unreachable!("it hangs"),
        () = started.notified() => {}
    }
    assert_eq!(scratch.task_states("hang-0").await, ["Pending", "Running", "Cancelled"]);
}

#[task]
async fn quick() {}

#[flow]
async fn pausing(#[resource] paused: Signal) -> flowkit::Result<()> {
    quick().await?;
    let waiting = flowkit::pause(Some(Duration::from_secs(3600)));
    paused.notify_one();
    waiting.await?;
    quick().await
}

#[tokio::test]
async fn paused_run_goes_on_when_somebody_resumes_it() {
    let scratch = Scratch::new().await;
    let paused = Signal::default();
    let flow = scratch.hold(async { pausing(paused.clone()).await });
    let resume = async {
        paused.notified().await;
        let id = scratch.only_flow_run().await.id;
        while scratch.flow_states().await.last().is_none_or(|name| name != "Paused") {
            tokio::task::yield_now().await;
        }
        let now = scratch.runtime().clock().now();
        propose(&scratch, id, State::running(now)).await;
    };
    let (ended, ()) = tokio::join!(flow, resume);
    ended.expect("completed");
    assert_eq!(
        scratch.flow_states().await,
        ["Pending", "Running", "Paused", "Running", "Completed"]
    );
    assert_eq!(scratch.only_flow_run().await.run_count, 1);
}

#[flow]
async fn forgotten() -> flowkit::Result<()> {
    flowkit::pause(Some(Duration::from_secs(60))).await
}

#[tokio::test]
async fn pause_that_nobody_ends_times_out() {
    let scratch = Scratch::with_stub_clock().await;
    let error = scratch.hold_while_time_flies(async { forgotten().await }).await;
    let told = error.expect_err("nobody came").full_message();
    assert!(told.contains("nobody resumed it in time"), "{told}");
}
