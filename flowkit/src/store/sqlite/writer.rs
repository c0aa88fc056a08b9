//! Writer: the thread that writes what nobody writes in passing.
//!
//! That is the backlog, a few times each tenth of a second; commits when many come at once or
//! another process is in the way; commits that wait for the disk; transactions that found the pen
//! taken; and the counts of task runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use super::super::count;
use super::checkpoint::Checkpointer;
use super::entry::{Entry, write_all};
use super::error::is_hopeless;
use super::pen::{Access, Pen, Trouble};
use super::shared::{Shared, tell, write_batch};
use crate::{Durability, Result};

/// How long what was handed over may wait.
const TICK: Duration = Duration::from_millis(10);

/// After how many ticks counts are written, and after how many a failed attempt is repeated.
const TICKS_BETWEEN_COUNTS: u32 = 10;

/// After how many ticks without work the writer sleeps until it is woken.
const QUIET_TICKS: u32 = 3;

const BARRIER: &str = "UPDATE barrier SET flushes = flushes + 1 WHERE id = 1";

/// The body of the writer's thread.
pub(super) fn run(shared: &Shared, checkpointer: &Checkpointer) {
    let mut quiet = 0;
    let mut since_counts = 0;
    while !shared.is_closed.load(SeqCst) {
        if shared.is_checkpoint_due.swap(false, SeqCst) {
            checkpointer.wake();
        }
        if shared.is_called.load(SeqCst) {
            serve(shared);
            continue;
        }
        // Whoever leads the line may be held up by code that does not yield.
        shared.write_waiting();
        let is_due = since_counts >= TICKS_BETWEEN_COUNTS;
        since_counts = if is_due { 0 } else { since_counts + 1 };
        let did_work = tick(shared, is_due);
        quiet = if did_work { 0 } else { quiet + 1 };
        if quiet > QUIET_TICKS + TICKS_BETWEEN_COUNTS {
            sleep(shared);
        } else if !shared.is_called.load(SeqCst) {
            thread::park_timeout(TICK);
        }
    }
    serve(shared);
    shared.with_pen(|pen| {
        // Nobody is left who could be told.
        let _ = flush(shared, pen, Durability::Process);
        checkpointer.cut_off(pen);
    });
}

/// Does what others wait for.
fn serve(shared: &Shared) {
    shared.with_pen(|pen| {
        if let Err(trouble) = shared.write_line(pen) {
            shared.fail_line(trouble);
        }
        write_for_power(shared, pen);
        do_jobs(shared, pen);
    });
    shared.is_called.store(false, SeqCst);
    // Whoever came before that saw that the writer was called and relied on it.
    let is_somebody_left = shared.is_anybody_waiting()
        || !shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
        || !shared.waiting_for_power.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if is_somebody_left {
        shared.is_called.store(true, SeqCst);
    }
}

fn write_for_power(shared: &Shared, pen: &mut Pen) {
    let batch = {
        let mut waiting = shared.waiting_for_power.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    };
    if batch.is_empty() {
        return;
    }
    if let Err(error) = pen.wait_for_disk() {
        return tell(batch, &Err(error));
    }
    if let Err(unwritten) = write_batch(pen, batch) {
        tell(unwritten, &Err(Trouble::Busy.into_error()));
    }
    // Waiting for the disk in vain does no harm.
    let _ = pen.wait_no_longer();
}

fn do_jobs(shared: &Shared, pen: &mut Pen) {
    loop {
        let job = shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(job) = job else { return };
        // A closure that panics fails its caller, who then hears nothing, and nobody else.
        let _ = catch_unwind(AssertUnwindSafe(|| job(shared, pen)));
    }
}

/// Writes what was handed over, and now and then the counts; says whether there was something.
fn tick(shared: &Shared, is_due: bool) -> bool {
    let has_backlog = !shared.backlog.is_empty();
    if has_backlog && (is_due || !shared.backlog.is_in_trouble()) {
        let batch = shared.backlog.take();
        if !batch.is_empty() {
            shared.with_pen(|pen| {
                let _ = write_backlog_from(shared, pen, batch);
            });
        }
    }
    if is_due {
        shared.with_pen(|pen| {
            let _ = write_counts(pen);
        });
    }
    has_backlog
}

/// Sleeps until somebody has work.
fn sleep(shared: &Shared) {
    shared.is_idle.store(true, SeqCst);
    // Registered before looking: whoever came in between either is seen here or wakes us.
    let has_work = !shared.backlog.is_empty()
        || shared.is_anybody_waiting()
        || shared.is_called.load(SeqCst)
        || shared.is_checkpoint_due.load(SeqCst)
        || shared.is_closed.load(SeqCst);
    if !has_work {
        thread::park();
    }
    shared.is_idle.store(false, SeqCst);
}

/// Writes everything that was handed over so far, and the counts.
pub(super) fn flush(shared: &Shared, pen: &mut Pen, durability: Durability) -> Result<()> {
    let batch = shared.backlog.take();
    write_backlog_from(shared, pen, batch)?;
    write_counts(pen)?;
    if durability == Durability::Power {
        pen.wait_for_disk()?;
        let written = pen.transact(Access::Write, async |tx| tx.execute(BARRIER, &[]).await);
        pen.wait_no_longer()?;
        written?;
    }
    shared.backlog.losses()
}

/// Writes a batch of the backlog, and all others that are there.
fn write_backlog_from(shared: &Shared, pen: &mut Pen, mut batch: Vec<Entry>) -> Result<()> {
    while !batch.is_empty() {
        write_backlog(shared, pen, batch)?;
        batch = shared.backlog.take();
    }
    Ok(())
}

fn write_backlog(shared: &Shared, pen: &mut Pen, batch: Vec<Entry>) -> Result<()> {
    match write_all(pen, &batch) {
        Ok(()) => shared.backlog.all_is_well(),
        Err(Trouble::Failed(error)) if is_hopeless(&error) && batch.len() == 1 => {
            shared.backlog.give_up();
        }
        Err(Trouble::Failed(error)) if is_hopeless(&error) => {
            for entry in batch {
                write_backlog(shared, pen, vec![entry])?;
            }
        }
        Err(trouble) => {
            let error = trouble.into_error();
            shared.backlog.put_back(batch, error.clone());
            return Err(error);
        }
    }
    Ok(())
}

fn write_counts(pen: &mut Pen) -> Result<()> {
    if pen.deltas.is_empty() {
        return Ok(());
    }
    let deltas = pen.deltas.take();
    let written = pen.transact(Access::Write, async |tx| count::add(tx, &deltas).await);
    if written.is_err() {
        pen.deltas.put_back(deltas);
    }
    written
}
