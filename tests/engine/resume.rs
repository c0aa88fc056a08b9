//! Runs that end with their process, and go on in another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use flowkit::model::StateType;
use flowkit::prelude::*;

use crate::support::Scratch;

/// Counts how often each step was done, and says where to stop.
#[derive(Clone, Default)]
struct Steps(Arc<[AtomicU32; 4]>);

impl Steps {
    fn done(&self) -> [u32; 4] {
        std::array::from_fn(|step| self.0[step].load(Ordering::SeqCst))
    }
}

#[task]
async fn step(n: usize, before: Option<usize>, #[resource] steps: Steps) -> usize {
    steps.0[n].fetch_add(1, Ordering::SeqCst);
    before.map_or(n, |before| before + n)
}

#[flow]
async fn inner(#[resource] steps: Steps) -> flowkit::Result<usize> {
    step(1, None, steps).await
}

/// Hangs in front of the step of that number, until its process is gone.
#[flow(on_crash = resume)]
async fn journey(
    stop: usize,
    #[resource] steps: Steps,
    #[resource] hangs: Hangs,
) -> flowkit::Result<usize> {
    let mut sum = step(0, None, steps.clone()).await?;
    hangs.at(stop, 1).await;
    sum += inner(steps.clone()).await?;
    hangs.at(stop, 2).await;
    let (a, b) = tokio::join!(step(2, Some(sum), steps.clone()), step(3, Some(sum), steps));
    let sum = a? + b?;
    hangs.at(stop, 3).await;
    Ok(sum)
}

/// Whether the process is to die on its way.
#[derive(Clone, Copy)]
struct Hangs(bool);

impl Hangs {
    async fn at(self, stop: usize, place: usize) {
        if self.0 && stop == place {
            std::future::pending::<()>().await;
        }
    }
}

/// Runs the flow until it hangs, and lets its process die without a word.
async fn crash(scratch: &Scratch, stop: usize, steps: &Steps, done: u32) {
    let dying = scratch.restart().await;
    let mut flow = Box::pin(dying.hold(async { journey(stop, steps.clone(), Hangs(true)).await }));
    let hung = async {
        while steps.done().iter().sum::<u32>() < done {
            tokio::task::yield_now().await;
        }
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        dying.flush().await.expect("flushed");
    };
    tokio::select! {
        _ = &mut flow => unreachable!("it hangs"),
        () = hung => {}
    }
    std::mem::forget(flow);
    flowkit::testing::play_dead(&dying);
}

#[tokio::test]
async fn crashed_run_goes_on_and_does_nothing_twice() {
    for (stop, done) in [(1, 1), (2, 2), (3, 4)] {
        let scratch = Scratch::new().await;
        let steps = Steps::default();
        crash(&scratch, stop, &steps, done).await;
        let runtime = scratch.restart().await;
        let crashed = scratch.flow_runs().await;
        assert_eq!(crashed[0].state_type(), StateType::Crashed, "stopped at {stop}");
        let sum = runtime.hold(async { journey(stop, steps.clone(), Hangs(false)).await }).await;
        assert_eq!(sum.expect("completed"), 7, "stopped at {stop}");
        assert_eq!(steps.done(), [1, 1, 1, 1], "stopped at {stop}");
        runtime.flush().await.expect("flushed");
        let runs = scratch.flow_runs().await;
        assert_eq!(runs.len(), 2, "the same runs went on");
        assert!(runs.iter().all(|run| run.state_type() == StateType::Completed));
    }
}

#[tokio::test]
async fn run_of_a_living_process_is_left_alone() {
    let scratch = Scratch::new().await;
    let steps = Steps::default();
    let flow = scratch.hold(async { journey(1, steps.clone(), Hangs(true)).await });
    let look = async {
        while steps.done()[0] == 0 {
            tokio::task::yield_now().await;
        }
        let other = scratch.restart().await;
        let runs = scratch.flow_runs().await;
        assert_eq!(runs[0].state_type(), StateType::Running);
        let id = runs[0].id;
        let taken =
            other.hold(async { journey(1, steps.clone(), Hangs(false)).continue_run(id).await });
        taken.await.expect_err("it is held")
    };
    tokio::select! {
        _ = flow => unreachable!("it hangs"),
        error = look => assert_eq!(error.kind(), flowkit::ErrorKind::Conflict, "{error:?}"),
    }
}

#[flow(on_crash = resume)]
async fn sleeper(#[resource] woke: Arc<AtomicU32>) -> flowkit::Result<()> {
    flowkit::sleep(Duration::from_secs(3600)).await?;
    woke.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[tokio::test]
async fn sleep_goes_on_where_it_was() {
    let scratch = Scratch::with_stub_clock().await;
    let clock = scratch.runtime().clock().clone();
    let woke = Arc::new(AtomicU32::new(0));
    let dying = scratch.restart().await;
    let mut sleeping = Box::pin(dying.hold(async { sleeper(woke.clone()).await }));
    let asleep = async {
        while scratch.task_runs().await.is_empty() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(3000));
    };
    tokio::select! {
        _ = &mut sleeping => unreachable!("it sleeps"),
        () = asleep => {}
    }
    std::mem::forget(sleeping);
    flowkit::testing::play_dead(&dying);
    let runtime = scratch.restart().await;
    let rest = runtime.hold(async { sleeper(woke.clone()).await });
    let finish = async {
        while woke.load(Ordering::SeqCst) == 0 {
            assert!(
                clock.now() < "2026-01-01T01:00:10Z".parse().expect("a time"),
                "it slept too long"
            );
            clock.advance(Duration::from_secs(1));
            for _ in 0..200 {
                tokio::task::yield_now().await;
            }
        }
    };
    let (ended, ()) = tokio::join!(rest, finish);
    ended.expect("completed");
}
