//! Watch: a thread that looks whether anything changed, while somebody wants to know.
//!
//! What this process commits rings the bell at once; what its writer does in passing and what other
//! processes do is found by looking, since nobody tells.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::channel;
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::super::changes::Bell;
use super::maintenance::data_version;
use super::pen::Pen;
use super::shared::Shared;
use crate::{Error, Result};

/// How often to look, which costs some microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long the writer may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// A number for what others have changed, and one for what this process has.
type Seen = (u64, u64);

/// Hears every change that comes after this has returned.
pub(super) async fn listen(shared: &Arc<Shared>, bell: &Arc<Bell>) -> Result<watch::Receiver<u64>> {
    let (ear, has_to_begin) = bell.listen();
    if has_to_begin && let Err(error) = begin(shared, bell).await {
        bell.give_up();
        return Err(error);
    }
    Ok(ear)
}

async fn begin(shared: &Arc<Shared>, bell: &Arc<Bell>) -> Result<()> {
    let (waiter, seen) = oneshot::channel();
    ask(shared, move |seen| drop(waiter.send(seen)));
    let gone = || Error::internal("the database was closed");
    let seen = seen.await.map_err(|_| gone())??;
    let (shared, bell) = (Arc::downgrade(shared), bell.clone());
    let thread = thread::Builder::new().name("flowkit-watch".into());
    let started = thread.spawn(move || run(&shared, &bell, seen));
    started
        .map(drop)
        .map_err(|error| Error::unavailable("no thread to look with").with_source(error))
}

fn run(shared: &Weak<Shared>, bell: &Bell, mut seen: Seen) {
    loop {
        thread::park_timeout(LOOK_EVERY);
        let Some(shared) = shared.upgrade() else { return };
        if shared.is_closed.load(SeqCst) || bell.may_stop() {
            return;
        }
        let (waiter, answer) = channel();
        ask(&shared, move |seen| drop(waiter.send(seen)));
        // Who cannot look this time looks the next.
        let Ok(Ok(now)) = answer.recv_timeout(PATIENCE) else { continue };
        if now != seen {
            seen = now;
            bell.ring();
        }
    }
}

/// Has the writer look.
fn ask(shared: &Shared, tell: impl FnOnce(Result<Seen>) + Send + 'static) {
    let look = |_: &Shared, pen: &mut Pen| {
        tell(data_version(pen).map(|foreign| (foreign, pen.connection.total_changes())));
    };
    shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(Box::new(look));
    shared.call_writer();
}
