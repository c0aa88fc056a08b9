//! Call of a flow: built by calling the function, run by awaiting it.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::argument::Arguments;
use super::body::{Alone, Bound, Extras};
use super::definition::FlowDefinition;
use super::outcome::{Codec, Outcome};
use super::run_flow;
use super::scope::Scope;
use super::stack;
use crate::Result;
use crate::model::FlowRunId;

/// A call of a flow that has not started yet; await it to run it.
///
/// Inside another flow it becomes a subflow of that run.
#[must_use = "a call does nothing until it is awaited"]
pub struct FlowCall<T>(pub(super) Box<PreparedFlow<T>>);

/// A call of a flow with everything that its run needs.
pub(super) struct PreparedFlow<T> {
    pub(super) definition: &'static FlowDefinition,
    pub(super) options: FlowOptions,
    pub(super) scope: Option<Scope>,
    pub(super) place: u64,
    pub(super) body: Alone<T>,
    pub(super) codec: Codec<T>,
}

/// What this call does otherwise than its flow says.
#[derive(Debug, Default)]
pub(super) struct FlowOptions {
    pub(super) name: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) retries: Option<u32>,
    pub(super) retry_delay: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    /// The run that it continues, instead of making one.
    pub(super) continues: Option<FlowRunId>,
}

/// Makes the call that a flow's function returns.
pub fn flow_call<T, A, F, Fut>(
    definition: &'static FlowDefinition,
    codec: Codec<T>,
    arguments: A,
    extras: Extras<A>,
    function: F,
) -> FlowCall<T>
where
    A: Arguments,
    F: Fn(A::Values) -> Fut + Send + 'static,
    Fut: Future<Output = Outcome<T>> + Send + 'static,
{
    let scope = Scope::current();
    let place = scope.as_ref().map_or(0, |scope| scope.next_place(definition.options.key));
    FlowCall(Box::new(PreparedFlow {
        definition,
        options: FlowOptions::default(),
        scope,
        place,
        body: Alone::new(Bound { arguments, function, extras }),
        codec,
    }))
}

impl<T> FlowCall<T> {
    /// Names the run.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.options.name = Some(name.into());
        self
    }

    /// Adds words to find the run by.
    pub fn tags<I>(mut self, tags: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.0.options.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Tries a failed run again so often; task runs that have completed are not run again.
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
}

impl<T: Send + Sync + 'static> FlowCall<T> {
    /// Continues a run that is recorded already: one that crashed, failed, was cancelled or is
    /// scheduled. What it has completed is not done again.
    ///
    /// # Errors
    /// As awaiting the call; refused for a run that has completed, or that another process executes.
    pub async fn continue_run(mut self, id: FlowRunId) -> Result<T> {
        self.0.options.continues = Some(id);
        self.await
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
}

impl<T: Send + Sync + 'static> IntoFuture for FlowCall<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let depth = self.0.scope.as_ref().map_or(0, |scope| scope.depth);
        Box::pin(stack::execute(depth, run_flow::run(self.0)))
    }
}

impl<T> fmt::Debug for FlowCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowCall")
            .field("flow", &self.0.definition.options.name)
            .finish_non_exhaustive()
    }
}
