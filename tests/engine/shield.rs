//! Work that a run lets come to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flowkit::ErrorKind;
use flowkit::prelude::*;
use tokio::sync::Notify;

use crate::support::Scratch;

#[derive(Clone, Default)]
struct Work {
    started: Arc<Notify>,
    is_done: Arc<AtomicBool>,
}

#[task(timeout = "1m")]
async fn careful(#[resource] work: Work) -> flowkit::Result<()> {
    flowkit::shield(|stop| async move {
        work.started.notify_one();
        stop.cancelled().await;
        for _long_way in 0..100 {
            tokio::task::yield_now().await;
        }
        work.is_done.store(true, Ordering::SeqCst);
    })
    .await?;
    std::future::pending().await
}

#[flow]
async fn careful_flow(#[resource] work: Work) -> flowkit::Result<()> {
    careful(work).await
}

#[tokio::test]
async fn cancelled_run_ends_after_its_shielded_work() {
    let (scratch, work) = (Scratch::new().await, Work::default());
    let flow = scratch.hold(async { careful_flow(work.clone()).await });
    let cancel = async {
        work.started.notified().await;
        scratch.runtime().cancel_all();
    };

    let (ended, ()) = tokio::join!(flow, cancel);

    assert_eq!(ended.expect_err("cancelled").kind(), ErrorKind::Cancelled);
    assert!(work.is_done.load(Ordering::SeqCst));
}

#[tokio::test]
async fn timed_out_task_run_ends_after_its_shielded_work() {
    let (scratch, work) = (Scratch::with_stub_clock().await, Work::default());
    let call = scratch.hold(async { careful(work.clone()).await });
    let time = async {
        work.started.notified().await;
        scratch.runtime().clock().advance(Duration::from_secs(60));
    };

    let (ended, ()) = tokio::join!(call, time);

    assert_eq!(ended.expect_err("too long").kind(), ErrorKind::Timeout);
    assert!(work.is_done.load(Ordering::SeqCst));
}

#[task]
async fn stubborn(#[resource] work: Work) -> flowkit::Result<()> {
    flowkit::shield(|_stop| async move {
        work.started.notify_one();
        std::future::pending().await
    })
    .await
}

#[flow]
async fn stubborn_flow(#[resource] work: Work) -> flowkit::Result<()> {
    stubborn(work).await
}

#[tokio::test]
async fn shielded_work_gets_no_more_than_the_grace() {
    let (scratch, work) = (Scratch::with_stub_clock().await, Work::default());
    let flow = scratch.hold_while_time_flies(async { stubborn_flow(work.clone()).await });
    let cancel = async {
        work.started.notified().await;
        scratch.runtime().cancel_all();
    };

    let (ended, ()) = tokio::join!(flow, cancel);

    assert_eq!(ended.expect_err("cancelled").kind(), ErrorKind::Cancelled);
}
