//! Lanes: how many calls run at once without a wake-up for each of them.
//!
//! A lane is an async task that runs one call after the other, so that the executor's threads share
//! the lanes among them. Whoever gathers only fills the line that the lanes take their calls from,
//! many calls at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::gather::Gatherable;
use crate::{Error, Result};

/// The line is filled up to twice the bound, and again when it is down to the bound; but not
/// further than this, however many may run at once.
const AHEAD: usize = 256;

/// What calls resulted in, each with its number.
type Results<C> = Vec<(usize, Result<<C as Gatherable>::Value>)>;

/// Runs calls, so many at once.
pub(super) struct Lanes<C: Gatherable> {
    bound: usize,
    line: Arc<Line<C>>,
}

struct Line<C: Gatherable> {
    state: Mutex<State<C>>,
    /// Wakes whoever fills the line.
    wanted: Notify,
    /// At which length of the line it is to be filled again.
    low: usize,
    stops_at_failure: bool,
}

struct State<C: Gatherable> {
    calls: VecDeque<(usize, C)>,
    ended: Results<C>,
    lanes: usize,
    /// A call failed, and no further one is to be started.
    has_stopped: bool,
}

impl<C: Gatherable> Lanes<C> {
    pub(super) fn new(bound: usize, stops_at_failure: bool) -> Self {
        let state =
            State { calls: VecDeque::new(), ended: Vec::new(), lanes: 0, has_stopped: false };
        let low = bound.min(AHEAD);
        let line = Line { state: Mutex::new(state), wanted: Notify::new(), low, stops_at_failure };
        Self { bound, line: Arc::new(line) }
    }

    /// Runs all calls, or those before the first failure if that is the end.
    pub(super) async fn run(
        self,
        mut calls: impl Iterator<Item = (usize, C)>,
        mut take: impl FnMut(usize, Result<C::Value>),
    ) {
        let mut running = JoinSet::new();
        let mut has_more = true;
        loop {
            let (ended, room) = self.line.look_after();
            ended.into_iter().for_each(|(index, result)| take(index, result));
            let next: Vec<_> = calls.by_ref().take(if has_more { room } else { 0 }).collect();
            has_more &= room == 0 || next.len() == room;
            let Some(new_lanes) = self.line.fill(next, self.bound) else { return };
            for _ in 0..new_lanes {
                running.spawn(self.line.clone().lane());
            }
            while running.try_join_next().is_some() {}
            self.line.wanted.notified().await;
        }
    }
}

impl<C: Gatherable> Line<C> {
    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has ended, and how many calls there is room for.
    fn look_after(&self) -> (Results<C>, usize) {
        let mut state = self.state();
        let full = if state.has_stopped { 0 } else { 2 * self.low };
        let room = full.saturating_sub(state.calls.len());
        (std::mem::take(&mut state.ended), room)
    }

    /// Puts calls in line, and says how many more lanes are needed; none once all is over.
    fn fill(&self, calls: Vec<(usize, C)>, bound: usize) -> Option<usize> {
        let mut state = self.state();
        if !state.has_stopped {
            state.calls.extend(calls);
        }
        let new_lanes = state.calls.len().min(bound.saturating_sub(state.lanes));
        state.lanes += new_lanes;
        (state.lanes > 0 || !state.ended.is_empty()).then_some(new_lanes)
    }

    /// Runs calls until there are none.
    async fn lane(self: Arc<Self>) {
        let mut driver = Driver { line: self, index: None };
        while let Some((index, call)) = driver.next() {
            let result = call.run().await;
            driver.end(index, result);
        }
    }
}

/// Runs the calls of one lane, and notes it if the executor ends it half-way.
struct Driver<C: Gatherable> {
    line: Arc<Line<C>>,
    index: Option<usize>,
}

impl<C: Gatherable> Driver<C> {
    fn next(&mut self) -> Option<(usize, C)> {
        let mut state = self.line.state();
        let (index, call) = state.calls.pop_front()?;
        let is_low = state.calls.len() == self.line.low;
        drop(state);
        if is_low {
            self.line.wanted.notify_one();
        }
        self.index = Some(index);
        Some((index, call))
    }

    fn end(&mut self, index: usize, result: Result<C::Value>) {
        self.index = None;
        let stops = result.is_err() && self.line.stops_at_failure;
        let mut state = self.line.state();
        state.ended.push((index, result));
        if stops {
            state.has_stopped = true;
            let unstarted = std::mem::take(&mut state.calls);
            drop(state);
            drop(unstarted);
        }
    }
}

impl<C: Gatherable> Drop for Driver<C> {
    fn drop(&mut self) {
        let mut state = self.line.state();
        if let Some(index) = self.index {
            state.ended.push((index, Err(Error::cancelled("the runtime ended it"))));
        }
        state.lanes -= 1;
        let is_last = state.lanes == 0;
        drop(state);
        if is_last {
            self.line.wanted.notify_one();
        }
    }
}
