//! Writer: the thread that writes what runs tell, many rows to a statement.
//!
//! Statements follow each other without waiting: while the server writes one batch, the next one
//! is on its way. Each is a transaction by itself and may be sent again, since it writes rows as
//! their records stand.
//!
//! **What `process` promises.** A batch that has to survive the death of this process only is
//! committed without waiting for the server's disk. Should the server die, it may lose what it said
//! in the last moments; so the writer remembers those rows until a commit that did wait for the
//! disk follows them (ten times a second), and sends them again when it was cut off in between. What
//! was said to be kept is lost only if the server and this process die within the same moment.
//! `power` waits for the disk.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesOrdered;
use tokio::sync::oneshot;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::super::count::{self, Deltas};
use super::super::task::TaskIds;
use super::super::tx::Tx;
use super::address::Address;
use super::batch::{Batch, Sent, by_table, id_of_task_run, part_twins, send};
use super::error::{Trouble, cannot_open, is_hopeless};
use super::line::{BATCH, Flush, Line, Waiter, is_due};
use super::session::{Backoff, Session};
use super::transaction::Transaction;
use super::worker::PATIENCE;
use crate::model::FlowRunId;
use crate::store::changes::Bell;
use crate::wire::Record;
use crate::{Error, Result, fault};

/// How long what was told may wait.
const TICK: Duration = Duration::from_millis(10);

/// After how many ticks others are notified, and after how many everything is made safe.
const TICKS_BETWEEN_NOTES: u32 = 2;
const TICKS_BETWEEN_SAFE_COMMITS: u32 = 10;

/// How many batches are on their way at once.
const DEPTH: usize = 2;

/// How long a server that is away is waited for when the program ends.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// Changes nothing and yet is written, so that its commit has something to wait for.
const BARRIER: &str = "SELECT pg_logical_emit_message(true, 'flowkit', '')";

/// What the writer knows.
pub(super) struct Writer {
    line: Arc<Line>,
    address: Arc<Address>,
    bell: Arc<Bell>,
    note: Arc<str>,
    session: Option<Rc<Session>>,
    task_ids: TaskIds,
    in_flight: FuturesOrdered<LocalBoxFuture<'static, Sent>>,
    /// How many of those hold what nobody waits for.
    told_in_flight: usize,
    /// Batches whose connection was lost.
    lost: Vec<Batch>,
    /// Written, but not yet safe from the death of the server.
    unsafe_records: Vec<Record>,
    /// To be written again, or still.
    again: Vec<Record>,
    deltas: Deltas,
    /// Flow runs whose counts may have been lost with the connection.
    uncounted: HashSet<FlowRunId>,
    flushes: Vec<Flush>,
    /// Why the last attempt to write failed, if it did.
    trouble: Option<Error>,
    is_draining: bool,
    is_unnoted: bool,
}

/// What woke the writer.
enum Event {
    Sent(Box<Sent>),
    Called,
    Tick,
}

impl Writer {
    pub(super) fn new(
        line: Arc<Line>,
        address: Arc<Address>,
        bell: Arc<Bell>,
        note: Arc<str>,
    ) -> Self {
        Self {
            line,
            address,
            bell,
            note,
            session: None,
            task_ids: TaskIds::default(),
            in_flight: FuturesOrdered::new(),
            told_in_flight: 0,
            lost: Vec::new(),
            unsafe_records: Vec::new(),
            again: Vec::new(),
            deltas: Deltas::default(),
            uncounted: HashSet::new(),
            flushes: Vec::new(),
            trouble: None,
            is_draining: false,
            is_unnoted: false,
        }
    }

    /// Writes until the line is closed, and then what is left.
    pub(super) async fn run(mut self) {
        let mut ticks = 0;
        let mut ticking = interval(TICK);
        ticking.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.line.is_closed() {
            self.go_on().await;
            self.wait(&mut ticking, &mut ticks).await;
        }
        let (waiter, mut last) = oneshot::channel();
        self.flushes.push(Flush { told: self.line.told(), waiter });
        self.go_on().await;
        while matches!(last.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
            self.wait(&mut ticking, &mut ticks).await;
            self.go_on().await;
        }
        self.notify().await;
    }

    /// Does what can be done without waiting for somebody.
    async fn go_on(&mut self) {
        self.flushes.extend(self.line.take_flushes());
        self.send_awaited().await;
        self.drain().await;
        self.end_flushes().await;
    }

    async fn wait(&mut self, ticking: &mut Interval, ticks: &mut u32) {
        let is_lazy = self.has_lazy_work();
        let event = tokio::select! {
            biased;
            Some(sent) = self.in_flight.next(), if !self.in_flight.is_empty() => {
                Event::Sent(Box::new(sent))
            }
            () = self.line.called.notified() => Event::Called,
            _ = ticking.tick(), if is_lazy => Event::Tick,
        };
        match event {
            Event::Sent(sent) => self.settle(*sent).await,
            Event::Called => {}
            Event::Tick => {
                *ticks += 1;
                self.tick(*ticks).await;
            }
        }
    }

    fn has_lazy_work(&self) -> bool {
        self.is_unnoted
            || !self.unsafe_records.is_empty()
            || !self.again.is_empty()
            || !self.deltas.is_empty()
            || !self.flushes.is_empty()
            || self.line.has_backlog()
    }

    async fn tick(&mut self, number: u32) {
        if number.is_multiple_of(TICKS_BETWEEN_NOTES) {
            self.notify().await;
        }
        let is_due = number.is_multiple_of(TICKS_BETWEEN_SAFE_COMMITS);
        if self.trouble.is_none() || is_due {
            self.is_draining = true;
        }
        if is_due && !self.again.is_empty() {
            self.write_again().await;
        }
        if is_due && self.session.is_some() && self.trouble.is_none() {
            // What goes wrong is seen by whoever waits.
            let _ = self.make_safe().await;
        }
    }

    /// Sends those that somebody waits for, as many batches as may be on their way.
    async fn send_awaited(&mut self) {
        while self.in_flight.len() < DEPTH {
            let (awaited, twins) =
                part_twins(self.line.take_awaited(), |awaited| id_of_task_run(&awaited.record));
            self.line.put_back(twins);
            if awaited.is_empty() || !self.send(Batch::of(awaited, Vec::new())).await {
                return;
            }
        }
    }

    /// Sends what nobody waits for, when its time has come.
    async fn drain(&mut self) {
        let is_wanted = self.flushes.iter().any(|flush| flush.told > self.line.taken());
        while (self.is_draining || is_wanted) && self.in_flight.len() < DEPTH {
            let records = self.line.take_backlog();
            if records.is_empty() && !self.line.has_backlog() {
                self.is_draining = false;
                return;
            }
            for records in by_table(records) {
                if !self.send(Batch::of(Vec::new(), records)).await {
                    return;
                }
            }
        }
    }

    /// Sends a batch; says whether there is a connection.
    async fn send(&mut self, mut batch: Batch) -> bool {
        let Some(session) = self.connect().await else {
            self.lost.push(batch);
            self.undo_lost();
            return false;
        };
        let is_safe = batch.has_to_be_safe();
        let letter = batch.write_down(&session, &mut self.task_ids).await;
        self.told_in_flight += usize::from(!batch.told.is_empty());
        fault::place();
        self.in_flight.push_back(Box::pin(send(session, letter, batch, is_safe)));
        true
    }

    /// Does what follows from the server's answer.
    async fn settle(&mut self, sent: Sent) {
        self.told_in_flight -= usize::from(!sent.batch.told.is_empty());
        match sent.result {
            Ok(()) => self.note_kept(sent.batch, sent.is_safe),
            Err((Trouble::Lost, _)) => {
                self.lost.push(sent.batch);
                Box::pin(self.recover()).await;
            }
            Err((Trouble::Clash, _)) => {
                self.lost.push(sent.batch);
                self.undo_lost();
            }
            Err((Trouble::Failed, error)) => Box::pin(self.fail(sent.batch, error)).await,
        }
    }

    fn note_kept(&mut self, batch: Batch, is_safe: bool) {
        batch.moves().for_each(|moved| self.deltas.note(moved));
        fault::place();
        if self.trouble.take().is_some() {
            self.line.set_trouble(false);
        }
        let (waiters, records) = batch.into_parts();
        tell(waiters, &Ok(()));
        if is_safe {
            self.unsafe_records.clear();
        } else {
            self.unsafe_records.extend(records);
        }
        self.is_unnoted = true;
        self.bell.ring();
    }

    async fn fail(&mut self, mut batch: Batch, error: Error) {
        batch.undo();
        if !is_hopeless(&error) {
            let (waiters, mut records) = batch.into_parts();
            tell(waiters, &Err(error.clone()));
            // Who waited has heard; what was told before is still to be written.
            records.retain(is_due);
            self.again.append(&mut records);
            self.trouble = Some(error);
            self.line.set_trouble(true);
            return;
        }
        if batch.len() > 1 {
            // One of them spoils it for all; each by itself only fails for itself.
            for one in batch.into_singles() {
                self.send(one).await;
                if let Some(sent) = self.in_flight.next().await {
                    self.settle(sent).await;
                }
            }
            return;
        }
        batch.told.iter().for_each(|_| self.line.give_up());
        tell(batch.into_parts().0, &Err(error));
    }

    /// Makes the records of lost batches what they were, and puts them back in line.
    fn undo_lost(&mut self) {
        let mut told = Vec::new();
        while let Some(mut batch) = self.lost.pop() {
            batch.undo();
            self.line.put_back(std::mem::take(&mut batch.awaited));
            told.push(batch.told);
        }
        self.again.extend(told.into_iter().rev().flatten());
    }

    /// Connects again, and writes again what may have been lost with the connection.
    async fn recover(&mut self) {
        while let Some(sent) = self.in_flight.next().await {
            match sent.result {
                Ok(()) => self.note_kept(sent.batch, sent.is_safe),
                Err(_) => self.lost.push(sent.batch),
            }
        }
        self.told_in_flight = 0;
        self.undo_lost();
        self.session = None;
        // The server may have lost their rows.
        self.task_ids.forget();
        let mut records = std::mem::take(&mut self.unsafe_records);
        records.append(&mut self.again);
        self.again = records;
        if self.connect().await.is_some() {
            self.write_again().await;
        }
    }

    /// Writes what could not be written before, and waits for it.
    async fn write_again(&mut self) {
        let Some(session) = self.connect().await else { return };
        let records = std::mem::take(&mut self.again);
        let mut batches: Vec<_> = by_table(records).into_iter().rev().collect();
        while let Some(mut records) = batches.pop() {
            if records.len() > BATCH {
                batches.push(records.split_off(BATCH));
            }
            let mut batch = Batch::of(Vec::new(), records);
            let letter = batch.write_down(&session, &mut self.task_ids).await;
            let sent = send(session.clone(), letter, batch, false).await;
            match sent.result {
                Ok(()) => self.note_kept(sent.batch, false),
                Err((_, error)) if is_hopeless(&error) => {
                    self.fail(sent.batch, error).await;
                }
                Err((_, error)) => {
                    let mut batch = sent.batch;
                    batch.undo();
                    self.again = batch.told;
                    self.again.extend(batches.into_iter().rev().flatten());
                    self.trouble = Some(error);
                    self.line.set_trouble(true);
                    return;
                }
            }
        }
    }

    /// The connection, which is made again if need be; none when the program ends meanwhile.
    async fn connect(&mut self) -> Option<Rc<Session>> {
        if let Some(session) = &self.session {
            return Some(session.clone());
        }
        let mut backoff = Backoff::lasting(PATIENCE);
        let mut last = Backoff::lasting(LAST_PATIENCE);
        loop {
            match self.try_to_connect().await {
                Ok(session) => return self.session.insert(session).clone().into(),
                Err(error) => {
                    let is_over = backoff.is_over() || last.is_over();
                    if is_over || !error.kind().is_transient() {
                        self.fail_all(&error);
                    }
                    if last.is_over() || (self.line.is_closed() && !error.kind().is_transient()) {
                        return None;
                    }
                }
            }
            if self.line.is_closed() { last.wait().await } else { backoff.wait().await }
        }
    }

    async fn try_to_connect(&self) -> Result<Rc<Session>> {
        let session = Session::connect(&self.address).await?;
        let set = session.client().batch_execute("SET synchronous_commit = off").await;
        set.map_err(|error| super::error::explain(&error))?;
        Ok(Rc::new(session))
    }

    /// Tells everybody who waits that the server is away for too long.
    fn fail_all(&mut self, cause: &Error) {
        let error = if cause.kind().is_transient() {
            Error::unavailable("the Postgres server is away for too long")
                .with_source(cause.clone())
        } else {
            cannot_open(&self.address, cause)
        };
        self.flushes.extend(self.line.take_flushes());
        tell(self.flushes.drain(..).map(|flush| flush.waiter), &Err(error.clone()));
        let awaited = self.line.take_all_awaited().into_iter();
        tell(awaited.map(|awaited| awaited.waiter), &Err(error.clone()));
        self.trouble = Some(error);
        self.line.set_trouble(true);
    }

    /// Tells those who wait for a flush, when all that was told before is written.
    async fn end_flushes(&mut self) {
        if self.flushes.is_empty() || self.told_in_flight > 0 {
            return;
        }
        if self.trouble.is_some() {
            self.write_again().await;
        }
        let taken = self.line.taken();
        if self.trouble.is_none() && self.flushes.iter().all(|flush| flush.told > taken) {
            return;
        }
        let done = match &self.trouble {
            Some(trouble) => Err(trouble.clone()),
            None => self.make_safe().await.and_then(|()| self.line.losses()),
        };
        let is_done = |flush: &mut Flush| done.is_err() || flush.told <= taken;
        let ended: Vec<_> = self.flushes.extract_if(.., is_done).collect();
        tell(ended.into_iter().map(|flush| flush.waiter), &done);
    }

    /// Writes the counts with a commit that waits for the disk, and so makes all before it safe.
    async fn make_safe(&mut self) -> Result<()> {
        if self.deltas.is_empty() && self.unsafe_records.is_empty() && self.uncounted.is_empty() {
            return Ok(());
        }
        self.count_anew().await?;
        let deltas = self.deltas.take();
        let written = self.transact(async |tx| {
            count::add(tx, &deltas).await?;
            tx.execute(BARRIER, &[]).await.map(drop)
        });
        match written.await {
            Ok(()) => {
                self.unsafe_records.clear();
                Ok(())
            }
            Err((Trouble::Lost, _)) => {
                self.uncounted.extend(deltas.flow_runs());
                Box::pin(self.recover()).await;
                Box::pin(self.make_safe()).await
            }
            Err((Trouble::Clash | Trouble::Failed, error)) => {
                self.deltas.put_back(deltas);
                Err(error)
            }
        }
    }

    /// Counts the task runs anew whose counts may have been lost.
    async fn count_anew(&mut self) -> Result<()> {
        if self.uncounted.is_empty() {
            return Ok(());
        }
        // What is on its way would be counted twice.
        while let Some(sent) = self.in_flight.next().await {
            Box::pin(self.settle(sent)).await;
        }
        let ids: Vec<_> = self.uncounted.iter().copied().collect();
        for id in ids {
            let counted = self.transact(async |tx| count::recount(tx, id).await).await;
            counted.map_err(|(_, error)| error)?;
            self.deltas.forget(id);
            self.uncounted.remove(&id);
        }
        Ok(())
    }

    /// Runs a transaction whose end waits for the disk.
    async fn transact(
        &mut self,
        work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<()>,
    ) -> Result<(), (Trouble, Error)> {
        let away = || (Trouble::Failed, Error::unavailable("the Postgres server is away"));
        let session = self.connect().await.ok_or_else(away)?;
        let opening = format!("BEGIN; SET LOCAL synchronous_commit = {}", session.safe_commit);
        let mut transaction = Transaction::opened_by(session, Some(opening));
        let done = work(&mut Tx::on_postgres(&mut transaction, &mut self.task_ids)).await;
        let done = match done {
            Ok(()) => transaction.keep().await,
            Err(error) => {
                transaction.undo().await;
                Err(error)
            }
        };
        done.map_err(|error| (transaction.trouble().unwrap_or(Trouble::Failed), error))
    }

    /// Tells other processes that something changed.
    async fn notify(&mut self) {
        if let Some(session) = self.session.as_ref().filter(|_| self.is_unnoted) {
            // Whoever finds the connection lost tries again.
            self.is_unnoted = session.client().batch_execute(&self.note).await.is_err();
        }
    }
}

/// Tells all who wait how it went.
fn tell(waiters: impl IntoIterator<Item = Waiter>, result: &Result<()>) {
    for waiter in waiters {
        // Whoever stopped waiting need not be told.
        let _ = waiter.send(result.clone());
    }
}
