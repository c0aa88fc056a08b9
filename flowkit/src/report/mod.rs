//! Reports: what the runs of this process do, told to a server, ours or Prefect's.
//!
//! The engine executes against its own database and knows nothing of a server. One thread, the
//! `Reporter`'s, tells the server in the background what the database holds: flow runs, states,
//! task runs, artifacts, lines. What is not told when the process ends or dies, or while the server
//! is away, stands in the table `report` and is told later, by this process or the next one.
//!
//! - `reporter`: the thread and its rounds; `telling`: one flow run on its way;
//!   `teller`: says things to one server, `ours` and `theirs` how.
//! - `prefect`: bodies of Prefect's versions, functions of values.
//! - `wish`: what people ask of a run on the server's page.
//! - `http`, `peer`: requests, and what kind of server answers.

mod cloud;
mod http;
mod ours;
mod peer;
mod prefect;
mod reporter;
mod teller;
mod telling;
mod theirs;
mod wish;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub use cloud::{Workspace, workspaces};
pub use peer::{Peer, PeerKind, recognise};

use self::reporter::{Round, Shared, Standing};
use crate::Clock;
use crate::api::report::{Reporting, Tap};
use crate::api::{Client, Login, Server};
use crate::settings::{Settings, mask_password};
use crate::wire::LeaseHolder;

/// How long a report is a process's own after it last said so.
const LEASE: Duration = Duration::from_secs(30);

/// How often in a row a server may not answer before nobody waits for it at the end.
const PATIENCE: u32 = 3;

/// Where these settings report runs, if anywhere.
#[must_use]
pub fn server_of(settings: &Settings) -> Option<Server> {
    let url = settings.api_url()?.to_owned();
    let login = match (settings.api_key(), settings.api_auth()) {
        (Some(key), _) => Login::Key(key.clone()),
        (None, Some(pair)) => Login::Basic(pair.clone()),
        (None, None) => Login::None,
    };
    Some(Server { url, login })
}

/// Tells a server what the runs of this process do; its thread starts with the first run.
pub(crate) struct Reporter {
    server: Server,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Reporter {
    /// Prepares a client for reporting; nothing to do without an address.
    pub(crate) fn prepare(
        settings: &Settings,
        client: Client,
        holder: &LeaseHolder,
    ) -> (Client, Option<Self>) {
        let Some(server) = server_of(settings) else { return (client, None) };
        let client = client.reporting_to(Reporting {
            target: server.url.clone(),
            holder: holder.clone(),
            lease: LEASE,
            tap: Tap::default(),
        });
        let standing = Standing { left: 0, misses: 0, answered: 0 };
        let shared = Shared {
            wake: Notify::new(),
            stop: CancellationToken::new(),
            asked: AtomicU64::new(0),
            standing: watch::Sender::new(standing),
        };
        (client, Some(Self { server, shared: Arc::new(shared), thread: Mutex::default() }))
    }

    /// Makes sure that the thread tells what there is.
    pub(crate) fn wake(&self, client: &Client) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (server, shared, client) =
                (self.server.clone(), self.shared.clone(), client.clone());
            *thread = std::thread::Builder::new()
                .name("flowkit-reporter".into())
                .spawn(move || work(server, client, shared))
                .ok();
        }
        self.shared.wake.notify_one();
    }

    /// Waits until the server knows all there is, at most that long, and says what is left.
    pub(crate) async fn finish(&self, most: Duration) {
        if self.thread.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return;
        }
        let clock = Clock::system();
        let mut standing = self.shared.standing.subscribe();
        // What a round saw that has begun already may be old.
        let asked = self.shared.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.shared.wake.notify_one();
        let is_enough = |standing: &Standing| {
            standing.answered >= asked && (standing.left == 0 || standing.misses >= PATIENCE)
        };
        tokio::select! {
            _ = standing.wait_for(is_enough) => {}
            () = clock.sleep(most) => {}
            // Whoever is in a hurry.
            _ = interrupted() => {}
        }
        let left = self.shared.standing.borrow().left;
        if left > 0 {
            let url = mask_password(&self.server.url);
            let what = if left == 1 {
                "1 flow run is".to_owned()
            } else {
                format!("{left} flow runs are")
            };
            tracing::warn!(target: "flowkit", "{what} still to be reported to {url}; the next run of a program here does it.");
        }
    }
}

/// Returns at Ctrl-C; never where that cannot be heard.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

fn work(server: Server, client: Client, shared: Arc<Shared>) {
    // Without an executor nothing is told; it stays in the database.
    if let Ok(executor) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
        executor.block_on(Round::new(server, client, shared).run());
    }
}

/// Stops the thread; what it has not told is kept.
impl Drop for Reporter {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}
