//! Listener: a thread that hears what other processes change, while somebody wants to know.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::runtime::Builder;
use tokio::sync::{Notify, oneshot, watch};
use tokio_postgres::AsyncMessage;

use super::address::Address;
use super::error::explain;
use super::session::Backoff;
use crate::store::changes::Bell;
use crate::{Error, Result};

/// The channel that every process of flowkit notifies.
const CHANNEL: &str = "flowkit";

/// How long a connection that was lost is missed without a pause of more than a second.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The thread that listens, started when somebody wants to hear.
pub(super) struct Listener {
    ear: Arc<Ear>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Held by whoever asks now and then, so that the thread goes on.
    asked: Mutex<Option<watch::Receiver<u64>>>,
}

/// What the thread needs to know.
struct Ear {
    address: Arc<Address>,
    bell: Arc<Bell>,
    /// What this process says when it notifies, which it need not hear.
    own: String,
    /// How often others have changed something.
    foreign: AtomicU64,
    closed: Notify,
}

impl Listener {
    pub(super) fn new(address: Arc<Address>, bell: Arc<Bell>, own: String) -> Self {
        let (foreign, closed) = (AtomicU64::new(0), Notify::new());
        let ear = Arc::new(Ear { address, bell, own, foreign, closed });
        Self { ear, thread: Mutex::default(), asked: Mutex::default() }
    }

    /// The statement that tells others of a change.
    pub(super) fn note(own: &str) -> String {
        format!("NOTIFY {CHANNEL}, '{own}'")
    }

    /// Hears every change that comes after this has returned.
    pub(super) async fn listen(&self) -> Result<watch::Receiver<u64>> {
        let (ear, has_to_begin) = self.ear.bell.listen();
        if has_to_begin && let Err(error) = self.begin().await {
            self.ear.bell.give_up();
            return Err(error);
        }
        Ok(ear)
    }

    /// How often others have changed something; who asks once goes on listening.
    pub(super) async fn foreign_changes(&self) -> Result<u64> {
        let is_listening = self.asked.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !is_listening {
            let ear = self.listen().await?;
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(ear);
        }
        Ok(self.ear.foreign.load(SeqCst))
    }

    /// Starts the thread, and returns when it hears.
    async fn begin(&self) -> Result<()> {
        let (ear, (ready, is_ready)) = (self.ear.clone(), oneshot::channel());
        let work = move || {
            if let Ok(executor) = Builder::new_current_thread().enable_all().build() {
                executor.block_on(ear.run(ready));
            }
        };
        let started = thread::Builder::new().name("flowkit-listener".into()).spawn(work);
        let started = started
            .map_err(|error| Error::unavailable("no thread to listen").with_source(error))?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(started);
        let unheard = Err(Error::unavailable("nobody listens to the database"));
        is_ready.await.unwrap_or(unheard)
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        self.ear.closed.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Ear {
    async fn run(&self, ready: oneshot::Sender<Result<()>>) {
        let mut work = pin!(self.listen_again_and_again(ready));
        let mut closed = pin!(self.closed.notified());
        loop {
            let stop = pin!(self.bell.unheard());
            match select(work.as_mut(), select(stop, closed.as_mut())).await {
                Either::Right((Either::Left(_), _)) if !self.bell.may_stop() => {}
                Either::Left(_) | Either::Right(_) => return,
            }
        }
    }

    /// Listens, on one connection after the other, unless already the first cannot be made.
    async fn listen_again_and_again(&self, ready: oneshot::Sender<Result<()>>) {
        let mut ready = Some(ready);
        let mut backoff = Backoff::lasting(PATIENCE);
        loop {
            let ended = self.listen(&mut ready).await;
            if let (Err(error), Some(ready)) = (ended, ready.take()) {
                let _ = ready.send(Err(error));
                return;
            }
            backoff.wait().await;
        }
    }

    /// Listens until the connection is lost.
    async fn listen(&self, ready: &mut Option<oneshot::Sender<Result<()>>>) -> Result<()> {
        let connected = self.address.config().connect(self.address.tls()).await;
        let (client, mut connection) = connected.map_err(|error| explain(&error))?;
        let mut hear = pin!(async {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(note) = message
                    && note.payload() != self.own
                {
                    self.heard();
                }
            }
        });
        let listen = format!("LISTEN {CHANNEL}");
        let asked = pin!(client.batch_execute(&listen));
        match select(asked, hear.as_mut()).await {
            Either::Left((asked, _)) => asked.map_err(|error| explain(&error))?,
            Either::Right(((), _)) => return Err(Error::unavailable("the connection was lost")),
        }
        if let Some(ready) = ready.take() {
            let _ = ready.send(Ok(()));
        } else {
            // Something may have changed while nobody listened.
            self.heard();
        }
        hear.await;
        Ok(())
    }

    fn heard(&self) {
        self.foreign.fetch_add(1, SeqCst);
        self.bell.ring();
    }
}
