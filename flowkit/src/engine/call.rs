//! Call of a task: built by calling the function, run by awaiting, submitting or gathering it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::argument::Arguments;
use super::body::{Alone, Bound, Extras};
use super::definition::TaskDefinition;
use super::handle::{Ended, Handle, Upstream};
use super::outcome::{Codec, Outcome};
use super::run_task;
use super::scope::Scope;
use super::stack;
use crate::chance;
use crate::clock::Clock;
use crate::model::TaskRunId;
use crate::{Error, Result};

/// A call of a task that has not started yet.
///
/// Await it to run it here; [`submit`](Self::submit) it to run it in the background;
/// [`gather`](super::Gather::gather) an iterator of them to run many at once.
///
/// The call took its place in the run when it was built, so the order of awaiting changes nothing
/// about which call is which.
#[must_use = "a call does nothing until it is awaited, submitted or gathered"]
pub struct TaskCall<T>(Box<Prepared<T>>);

/// A call with everything that its run needs.
pub(crate) struct Prepared<T> {
    pub(crate) definition: &'static TaskDefinition,
    pub(crate) options: CallOptions,
    pub(crate) scope: Option<Scope>,
    pub(crate) id: TaskRunId,
    pub(crate) place: u64,
    pub(crate) after: Vec<Upstream>,
    pub(crate) allow_failure: bool,
    pub(crate) body: Alone<T>,
    pub(crate) codec: Codec<T>,
}

/// What this call does otherwise than its task says.
#[derive(Debug, Default)]
pub(crate) struct CallOptions {
    pub(crate) retries: Option<u32>,
    pub(crate) retry_delay: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) name: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) cache_key: Option<String>,
    pub(crate) refresh_cache: Option<bool>,
    pub(crate) persist_result: Option<bool>,
}

/// Makes the call that a task's function returns.
pub fn task_call<T, A, F, Fut>(
    definition: &'static TaskDefinition,
    codec: Codec<T>,
    arguments: A,
    extras: Extras<A>,
    function: F,
) -> TaskCall<T>
where
    A: Arguments,
    F: Fn(A::Values) -> Fut + Send + 'static,
    Fut: Future<Output = Outcome<T>> + Send + 'static,
{
    let scope = Scope::current();
    let place = scope.as_ref().map_or(0, |scope| scope.next_place(definition.options.key));
    let earlier = scope.as_ref().and_then(|scope| scope.earlier_id(definition.options.key, place));
    let clock = scope.as_ref().map_or(Clock::system(), |scope| scope.runtime.clock().clone());
    TaskCall(Box::new(Prepared {
        definition,
        options: CallOptions::default(),
        scope,
        id: earlier.unwrap_or_else(|| chance::new_id(clock.now()).into()),
        place,
        after: Vec::new(),
        allow_failure: false,
        body: Alone::new(Bound { arguments, function, extras }),
        codec,
    }))
}

impl<T> TaskCall<T> {
    /// Tries a failed run again so often.
    pub fn retries(mut self, retries: u32) -> Self {
        self.0.options.retries = Some(retries);
        self
    }

    /// Waits that long before another try.
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.0.options.retry_delay = Some(delay);
        self
    }

    /// Ends a try that takes longer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.options.timeout = Some(timeout);
        self
    }

    /// Names the run.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.options.name = Some(name.into());
        self
    }

    /// Adds words to find the run by; their concurrency limits hold, too.
    pub fn tags<I>(mut self, tags: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.0.options.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Keeps the result under that key, and takes a result that is kept there.
    pub fn cache_key(mut self, key: impl Into<String>) -> Self {
        self.0.options.cache_key = Some(key.into());
        self
    }

    /// Runs even if a result is kept, and replaces that one.
    pub fn refresh_cache(mut self) -> Self {
        self.0.options.refresh_cache = Some(true);
        self
    }

    /// Keeps the result, or does not.
    pub fn persist_result(mut self, persist: bool) -> Self {
        self.0.options.persist_result = Some(persist);
        self
    }

    /// Waits for another task run first, without taking its result.
    pub fn after<U: Send + Sync + 'static>(mut self, handle: &Handle<U>) -> Self {
        self.0.after.push(handle.upstream());
        self
    }

    /// Runs even if a task run that it comes [`after`](Self::after) did not complete.
    pub fn allow_failure(mut self) -> Self {
        self.0.allow_failure = true;
        self
    }

    /// The id that its run will have.
    #[must_use]
    pub fn id(&self) -> TaskRunId {
        self.0.id
    }
}

impl<T: Send + Sync + 'static> TaskCall<T> {
    /// Runs it in the background and returns a handle at once.
    ///
    /// How many run at once is bounded by the flow's `concurrency`.
    #[expect(clippy::must_use_candidate, reason = "a run in the background needs no handle")]
    pub fn submit(self) -> Handle<T> {
        let call = self.0;
        let scope = call.scope.clone();
        let flow = scope.as_ref().and_then(|scope| scope.flow.clone());
        let label = format!("{}-{}", call.definition.options.name, call.place);
        let handle = Handle::new(call.id, flow.as_ref().map(|flow| flow.id), label);
        let ending = handle.clone();
        let run = async move { ending.end(run_task::run_bounded(call).await) };
        match flow {
            Some(flow) => {
                flow.watch(handle.upstream());
                flow.background.spawn(run);
            }
            None => drop(super::current::spawn(run)),
        }
        handle
    }

    /// Runs it and waits for it, from code that is not async.
    ///
    /// # Errors
    /// As awaiting it does.
    ///
    /// # Panics
    /// On a thread that executes async code: await it there.
    pub fn wait(self) -> Result<T> {
        super::runtime::block_on(self.into_future())
    }

    pub(crate) async fn run_bounded(self) -> Ended<T> {
        run_task::run_bounded(self.0).await
    }

    pub(crate) fn flow_scope(&self) -> Option<Arc<super::scope::FlowScope>> {
        self.0.scope.as_ref().and_then(|scope| scope.flow.clone())
    }
}

impl<T: Send + Sync + 'static> IntoFuture for TaskCall<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let depth = self.0.scope.as_ref().map_or(0, |scope| scope.depth);
        Box::pin(async move { stack::execute(depth, run_task::run(self.0)).await.result })
    }
}

impl<T> fmt::Debug for TaskCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskCall")
            .field("task", &self.0.definition.options.name)
            .field("place", &self.0.place)
            .finish_non_exhaustive()
    }
}
