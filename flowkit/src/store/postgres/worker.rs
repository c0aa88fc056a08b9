//! Worker: a thread's executor and connection, and how a transaction outlives a lost one.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::super::task::TaskIds;
use super::super::tx::Tx;
use super::address::Address;
use super::error::Trouble;
use super::session::{Backoff, Session};
use super::transaction::{Access, Outcome, Transaction, outcome};
use crate::{Error, Result};

/// How long a server that is away is waited for by those who used it before.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How often a transaction is begun again because others were in the way.
const MOST_CLASHES: u32 = 20;

/// A thread's executor and connection.
pub(super) struct Worker {
    executor: Runtime,
    link: Link,
}

/// A connection that is made when it is needed, and made again when it was lost.
pub(super) struct Link {
    address: Arc<Address>,
    session: Option<Rc<Session>>,
    /// The ids of tasks that this connection has seen; another one may not find them again.
    task_ids: TaskIds,
}

/// How an attempt went.
enum Attempt<T> {
    Done(Result<T>),
    /// Nothing of it is left; the error says why.
    Undone(Trouble, Error),
    /// The connection was lost while it was kept.
    Open {
        value: T,
        number: i64,
        error: Error,
    },
}

impl Worker {
    pub(super) fn new(address: Arc<Address>) -> Option<Self> {
        let executor = Builder::new_current_thread().enable_all().build().ok()?;
        Some(Self { executor, link: Link::new(address) })
    }

    /// Does something on the connection.
    pub(super) fn block_on<T>(&mut self, work: impl AsyncFnOnce(&mut Link) -> T) -> T {
        self.executor.block_on(work(&mut self.link))
    }

    /// Drops the connection, about which nothing is known any more.
    pub(super) fn disconnect(&mut self) {
        let _entered = self.executor.enter();
        self.link.disconnect();
    }
}

impl Link {
    pub(super) fn new(address: Arc<Address>) -> Self {
        Self { address, session: None, task_ids: TaskIds::default() }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn disconnect(&mut self) {
        self.session = None;
        self.task_ids.forget();
    }

    /// The connection, and the ids of the tasks that it has seen.
    pub(super) async fn connect(&mut self) -> Result<(Rc<Session>, &mut TaskIds)> {
        if self.session.as_ref().is_none_or(|session| session.is_closed()) {
            self.disconnect();
            self.session = Some(Rc::new(Session::connect(&self.address).await?));
        }
        match &self.session {
            Some(session) => Ok((session.clone(), &mut self.task_ids)),
            None => Err(Error::internal("a connection is gone")),
        }
    }

    /// Runs a transaction; one whose connection is lost is run again on another one.
    ///
    /// It is run once in effect: what the server has undone is begun anew, and of one that was lost
    /// while it was kept the server is asked what became of it.
    pub(super) async fn transact<T, F>(&mut self, access: Access, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone,
    {
        let mut backoff = Backoff::lasting(PATIENCE);
        let mut clashes = 0;
        loop {
            let (trouble, error) = match self.attempt(access, work.clone()).await {
                Attempt::Done(result) => return result,
                Attempt::Undone(trouble, error) => (trouble, error),
                Attempt::Open { value, number, error } => {
                    match self.find_out(number, &mut backoff).await {
                        Ok(Outcome::Kept) => return Ok(value),
                        Ok(Outcome::Undone) => (Trouble::Lost, error),
                        Ok(Outcome::Unknown) | Err(_) => return Err(error),
                    }
                }
            };
            clashes += u32::from(trouble == Trouble::Clash);
            if !error.kind().is_transient() || backoff.is_over() || clashes > MOST_CLASHES {
                return Err(error);
            }
            if trouble == Trouble::Lost {
                self.disconnect();
            }
            backoff.wait().await;
        }
    }

    /// Tells other processes something, which they can do without.
    pub(super) async fn say(&mut self, note: &str) {
        if let Some(session) = &self.session {
            let _ = session.client().batch_execute(note).await;
        }
    }

    async fn attempt<T, F>(&mut self, access: Access, work: F) -> Attempt<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T>,
    {
        let (session, task_ids) = match self.connect().await {
            Ok(connected) => connected,
            Err(error) => return Attempt::Undone(Trouble::Lost, error),
        };
        let mut transaction = Transaction::new(session, access);
        let done = work(&mut Tx::on_postgres(&mut transaction, task_ids)).await;
        let value = match done {
            Ok(value) => value,
            Err(error) => {
                transaction.undo().await;
                // They may have been made in this transaction.
                task_ids.forget();
                return match transaction.trouble() {
                    Some(trouble @ (Trouble::Lost | Trouble::Clash)) => {
                        Attempt::Undone(trouble, error)
                    }
                    Some(Trouble::Failed) | None => Attempt::Done(Err(error)),
                };
            }
        };
        match (transaction.keep().await, transaction.trouble()) {
            (Ok(()), _) => Attempt::Done(Ok(value)),
            (Err(_), Some(Trouble::Lost)) if access == Access::Read => Attempt::Done(Ok(value)),
            (Err(error), Some(Trouble::Lost)) => match transaction.number() {
                Some(number) => Attempt::Open { value, number, error },
                None => Attempt::Done(Err(error)),
            },
            (Err(error), Some(Trouble::Clash)) => Attempt::Undone(Trouble::Clash, error),
            (Err(error), Some(Trouble::Failed) | None) => Attempt::Done(Err(error)),
        }
    }

    /// Asks what became of a transaction, as soon as the server is back.
    async fn find_out(&mut self, number: i64, backoff: &mut Backoff) -> Result<Outcome> {
        loop {
            self.disconnect();
            let asked = match self.connect().await {
                Ok((session, _)) => outcome(session, number).await,
                Err(error) => Err(error),
            };
            match asked {
                Ok(Outcome::Unknown) if !backoff.is_over() => {}
                Err(error) if error.kind().is_transient() && !backoff.is_over() => {}
                Ok(_) | Err(_) => return asked,
            }
            backoff.wait().await;
        }
    }
}
