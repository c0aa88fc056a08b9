//! Readers: connections that read beside the writing one.
//!
//! A short question is answered in place, on the thread that asks: that takes some microseconds,
//! less than waking another thread. A long one, such as a list or a count over many rows, goes to
//! threads of our own, so that no async thread is held up; neither needs a tokio runtime.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::super::tx::Tx;
use super::connection::open_reader;
use super::error::explain;
use super::pen::{Access, Pen};
use crate::{Error, Result};

/// A question for the threads.
pub(super) type Question = Box<dyn FnOnce(&Readers) + Send>;

/// How many threads answer long questions, and how many connections are kept.
const THREADS: usize = 2;
const CONNECTIONS: usize = 4;

/// Connections that read, and the threads that answer long questions.
pub(super) struct Readers {
    path: PathBuf,
    pool: Mutex<Vec<Pen>>,
    questions: Mutex<Questions>,
    asked: Condvar,
}

#[derive(Default)]
struct Questions {
    waiting: VecDeque<Question>,
    threads: Vec<JoinHandle<()>>,
    idle: usize,
    is_closed: bool,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            path,
            pool: Mutex::default(),
            questions: Mutex::default(),
            asked: Condvar::new(),
        })
    }

    fn questions(&self) -> MutexGuard<'_, Questions> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> MutexGuard<'_, Vec<Pen>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a question here and now; all its statements see the same moment.
    pub(super) fn answer<T>(&self, ask: impl AsyncFnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let kept = self.pool().pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => Pen::new(open_reader(&self.path).map_err(|error| explain(&error))?, false),
        };
        let answer = reader.transact(Access::Read, ask);
        let mut pool = self.pool();
        if pool.len() < CONNECTIONS {
            pool.push(reader);
        }
        answer
    }

    /// Has a question answered by a thread.
    pub(super) fn ask(self: &Arc<Self>, question: Question) -> Result<()> {
        let mut questions = self.questions();
        questions.waiting.push_back(question);
        if questions.idle == 0 && questions.threads.len() < THREADS {
            let readers = self.clone();
            let thread = thread::Builder::new()
                .name("flowkit-reader".into())
                .spawn(move || readers.run())
                .map_err(|error| Error::unavailable("no thread to read with").with_source(error))?;
            questions.threads.push(thread);
        }
        drop(questions);
        self.asked.notify_one();
        Ok(())
    }

    fn run(&self) {
        let mut questions = self.questions();
        while !questions.is_closed {
            if let Some(question) = questions.waiting.pop_front() {
                drop(questions);
                // A closure that panics fails its caller, who then hears nothing, and nobody else.
                let question = std::panic::AssertUnwindSafe(|| question(self));
                let _ = std::panic::catch_unwind(question);
                questions = self.questions();
            } else {
                questions.idle += 1;
                questions = self.asked.wait(questions).unwrap_or_else(PoisonError::into_inner);
                questions.idle -= 1;
            }
        }
    }

    /// Ends the threads.
    pub(super) fn close(&self) {
        let mut questions = self.questions();
        questions.is_closed = true;
        let threads = std::mem::take(&mut questions.threads);
        drop(questions);
        self.asked.notify_all();
        for thread in threads {
            let _ = thread.join();
        }
    }
}
