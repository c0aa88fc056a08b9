//! Gather: many calls at once, as many as the flow allows, their results in order.

use std::fmt;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;

use super::call::TaskCall;
use super::definition::FlowDefinition;
use super::handle::{Ended, Handle};
use crate::{Error, Result};

/// What [`Gather::gather`] can gather: calls that have not started, and handles of those that have.
pub trait Gatherable: Send + 'static {
    /// What one of them results in.
    type Value: Send + 'static;

    /// How many of them may run at once.
    #[doc(hidden)]
    fn concurrency(&self) -> usize;

    /// Runs or awaits it.
    #[doc(hidden)]
    fn run(self) -> BoxFuture<'static, Result<Self::Value>>;
}

impl<T: Send + Sync + 'static> Gatherable for TaskCall<T> {
    type Value = T;

    fn concurrency(&self) -> usize {
        let flow = self.flow_scope();
        flow.map_or(FlowDefinition::CONCURRENCY, |flow| flow.definition.concurrency)
    }

    fn run(self) -> BoxFuture<'static, Result<T>> {
        Box::pin(async move {
            let Ended { result, .. } = self.run_bounded().await;
            result
        })
    }
}

impl<T: Clone + Send + Sync + 'static> Gatherable for Handle<T> {
    type Value = T;

    fn concurrency(&self) -> usize {
        usize::MAX
    }

    fn run(self) -> BoxFuture<'static, Result<T>> {
        self.into_future()
    }
}

/// Runs an iterator of calls at once: `days.into_iter().map(load).gather().await?`.
pub trait Gather: IntoIterator<Item: Gatherable> + Sized {
    /// Runs all of them, as many at once as the flow's `concurrency` allows.
    fn gather<'a>(self) -> Gathering<'a, Self::Item>
    where
        Self::IntoIter: Send + 'a,
    {
        Gathering { calls: Box::new(self.into_iter()), bound: None }
    }
}

impl<I: IntoIterator<Item: Gatherable>> Gather for I {}

/// Many calls at once; await it for their results.
#[must_use = "a gathering does nothing until it is awaited"]
pub struct Gathering<'a, C> {
    /// Boxed, so that the iterator may borrow from the body that gathers.
    calls: Box<dyn Iterator<Item = C> + Send + 'a>,
    bound: Option<usize>,
}

impl<C: Gatherable> Gathering<'_, C> {
    /// Runs at most so many at once.
    pub fn bound(mut self, bound: usize) -> Self {
        self.bound = Some(bound.max(1));
        self
    }

    /// Runs all of them to their ends and returns what each of them resulted in.
    pub async fn all(self) -> Vec<Result<C::Value>> {
        let mut results = Vec::new();
        self.drive(|index, result| {
            if results.len() <= index {
                results.resize_with(index + 1, || None);
            }
            results[index] = Some(result);
            true
        })
        .await;
        results.into_iter().map(|result| result.unwrap_or_else(|| Err(not_run()))).collect()
    }

    /// Keeps the bound filled; `take` says whether to go on starting calls.
    async fn drive<F>(mut self, mut take: F)
    where
        F: FnMut(usize, Result<C::Value>) -> bool,
    {
        let mut running = JoinSet::new();
        let mut calls = self.calls.by_ref().enumerate();
        let mut bound = self.bound;
        let mut goes_on = true;
        loop {
            while goes_on && bound.is_none_or(|bound| running.len() < bound) {
                let Some((index, call)) = calls.next() else { break };
                bound.get_or_insert(call.concurrency().max(1));
                running.spawn(async move { (index, call.run().await) });
            }
            match running.join_next().await {
                Some(Ok((index, result))) => goes_on &= take(index, result),
                Some(Err(ended)) => goes_on &= take(0, Err(ended_early(&ended))),
                None => return,
            }
        }
    }
}

fn not_run() -> Error {
    Error::cancelled("it was not started, since another one failed")
}

fn ended_early(ended: &tokio::task::JoinError) -> Error {
    Error::cancelled(format!("the runtime ended it: {ended}"))
}

/// The results in the order of the calls. After the first failure no further call is started,
/// those that run are run to their ends, and the failure is returned.
impl<'a, C: Gatherable> IntoFuture for Gathering<'a, C> {
    type Output = Result<Vec<C::Value>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut values = Vec::new();
            let mut failure = None;
            self.drive(|index, result| {
                match result {
                    Ok(value) => {
                        if values.len() <= index {
                            values.resize_with(index + 1, || None);
                        }
                        values[index] = Some(value);
                    }
                    Err(error) => drop(failure.get_or_insert(error)),
                }
                failure.is_none()
            })
            .await;
            match failure {
                Some(error) => Err(error),
                None => values.into_iter().map(|value| value.ok_or_else(not_run)).collect(),
            }
        })
    }
}

impl<C> fmt::Debug for Gathering<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").field("bound", &self.bound).finish_non_exhaustive()
    }
}
