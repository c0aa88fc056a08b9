//! Gather: many calls at once, as many as the flow allows, their results in order.

use std::fmt;

use futures_util::future::BoxFuture;

use super::call::TaskCall;
use super::definition::FlowDefinition;
use super::handle::{Ended, Handle};
use super::lane::Lanes;
use crate::{Error, Result};

/// What [`Gather::gather`] can gather: calls that have not started, and handles of those that have.
pub trait Gatherable: Send + 'static {
    /// What one of them results in.
    type Value: Send + 'static;

    /// How many of them may run at once; none if they do so already.
    #[doc(hidden)]
    fn concurrency(&self) -> Option<usize>;

    /// Runs or awaits it.
    #[doc(hidden)]
    fn run(self) -> BoxFuture<'static, Result<Self::Value>>;
}

impl<T: Send + Sync + 'static> Gatherable for TaskCall<T> {
    type Value = T;

    fn concurrency(&self) -> Option<usize> {
        let flow = self.flow_scope();
        Some(flow.map_or(FlowDefinition::CONCURRENCY, |flow| flow.definition.concurrency))
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

    fn concurrency(&self) -> Option<usize> {
        None
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
        self.drive(false, |index, result| put(&mut results, index, result)).await;
        results.into_iter().map(|result| result.unwrap_or_else(|| Err(not_run()))).collect()
    }

    /// Keeps the bound filled until all calls have ended, or one has failed if that is the end.
    async fn drive<F>(self, stops_at_failure: bool, mut take: F)
    where
        F: FnMut(usize, Result<C::Value>),
    {
        let mut calls = self.calls.enumerate().peekable();
        let Some((_, first)) = calls.peek() else { return };
        match first.concurrency() {
            Some(bound) => {
                let bound = self.bound.unwrap_or(bound).max(1);
                Lanes::new(bound, stops_at_failure).run(calls, take).await;
            }
            None => {
                for (index, started) in calls {
                    take(index, started.run().await);
                }
            }
        }
    }
}

/// Puts a result in its place, wherever that is.
fn put<T>(results: &mut Vec<Option<T>>, index: usize, result: T) {
    if results.len() <= index {
        results.resize_with(index + 1, || None);
    }
    results[index] = Some(result);
}

fn not_run() -> Error {
    Error::cancelled("it was not started, since another one failed")
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
            self.drive(true, |index, result| match result {
                Ok(value) => put(&mut values, index, value),
                Err(error) => drop(failure.get_or_insert(error)),
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
