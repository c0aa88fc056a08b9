//! Handle: a task run that goes on in the background.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use tokio::sync::SetOnce;

use crate::model::{FlowRunId, State, TaskRunId};
use crate::{Error, Result};

/// How a task run ended: its state, and its result or the reason why there is none.
#[derive(Debug)]
pub(crate) struct Ended<T> {
    pub(crate) state: State,
    pub(crate) result: Result<T>,
}

/// A task run that goes on in the background, made by [`TaskCall::submit`](super::TaskCall::submit).
///
/// Await it for the result; pass it (or a reference to it) where a task takes the result, and
/// that task waits for it and the graph shows the edge. A handle that is dropped does not stop
/// its run: the flow waits for it before it ends.
pub struct Handle<T>(Arc<Shared<T>>);

struct Shared<T> {
    id: TaskRunId,
    flow_run_id: Option<FlowRunId>,
    label: String,
    ended: SetOnce<Ended<Arc<T>>>,
    /// Whether anybody looked at how it ended: a failure that nobody saw fails the flow.
    seen: AtomicBool,
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.ended.get().map(|ended| ended.state.to_string());
        f.debug_struct("Handle").field("task_run", &self.0.label).field("state", &state).finish()
    }
}

impl<T> Handle<T> {
    pub(crate) fn new(id: TaskRunId, flow_run_id: Option<FlowRunId>, label: String) -> Self {
        let seen = AtomicBool::new(false);
        Self(Arc::new(Shared { id, flow_run_id, label, ended: SetOnce::new(), seen }))
    }

    /// Tells everybody who waits how it ended.
    pub(crate) fn end(&self, ended: Ended<T>) {
        let Ended { state, result } = ended;
        // Set once by the task that executes the run.
        let _ = self.0.ended.set(Ended { state, result: result.map(Arc::new) });
    }

    /// The id of the task run.
    #[must_use]
    pub fn id(&self) -> TaskRunId {
        self.0.id
    }

    /// Says whether the run has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.ended.initialized()
    }

    /// Waits until the run has ended, and tells its state. A failure counts as seen then.
    pub async fn state(&self) -> State {
        self.0.seen.store(true, Ordering::Relaxed);
        self.0.ended.wait().await.state.clone()
    }

    /// Waits for the result without taking a copy of it.
    ///
    /// # Errors
    /// The reason why the run did not complete.
    pub async fn shared(&self) -> Result<Arc<T>> {
        self.0.seen.store(true, Ordering::Relaxed);
        self.0.ended.wait().await.result.clone()
    }

    /// The result of a run that has ended.
    pub(crate) fn value(&self) -> Result<&T> {
        self.0.seen.store(true, Ordering::Relaxed);
        match self.0.ended.get().map(|ended| &ended.result) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(error.clone()),
            None => Err(Error::internal(format!("{} was not waited for", self.0.label))),
        }
    }
}

impl<T: Send + Sync + 'static> Handle<T> {
    /// The same run, without the type of its result.
    pub(crate) fn upstream(&self) -> Upstream {
        Upstream(self.0.clone())
    }
}

impl<T: Clone + Send + Sync + 'static> IntoFuture for Handle<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let shared = self.shared().await?;
            drop(self);
            // The last one to ask takes the value itself.
            Ok(Arc::unwrap_or_clone(shared))
        })
    }
}

impl<T: Clone + Send + Sync + 'static> IntoFuture for &Handle<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.clone().into_future()
    }
}

/// A task run that another run waits for, whatever its result is.
#[derive(Clone)]
pub struct Upstream(Arc<dyn Waitable>);

trait Waitable: Send + Sync {
    fn id(&self) -> TaskRunId;
    fn flow_run_id(&self) -> Option<FlowRunId>;
    fn label(&self) -> &str;
    fn wait(&self) -> BoxFuture<'_, &State>;
    fn state(&self) -> Option<&State>;
    fn mark_seen(&self);
    fn is_seen(&self) -> bool;
}

impl<T: Send + Sync> Waitable for Shared<T> {
    fn id(&self) -> TaskRunId {
        self.id
    }

    fn flow_run_id(&self) -> Option<FlowRunId> {
        self.flow_run_id
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn wait(&self) -> BoxFuture<'_, &State> {
        Box::pin(async { &self.ended.wait().await.state })
    }

    fn state(&self) -> Option<&State> {
        self.ended.get().map(|ended| &ended.state)
    }

    fn mark_seen(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }

    fn is_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

impl Upstream {
    pub(crate) fn id(&self) -> TaskRunId {
        self.0.id()
    }

    pub(crate) fn flow_run_id(&self) -> Option<FlowRunId> {
        self.0.flow_run_id()
    }

    pub(crate) fn label(&self) -> &str {
        self.0.label()
    }

    /// Waits until the run has ended; how it ended counts as seen.
    pub(crate) async fn wait(&self) -> &State {
        self.0.mark_seen();
        self.0.wait().await
    }

    /// How it ended, if it has.
    pub(crate) fn state(&self) -> Option<&State> {
        self.0.state()
    }

    /// Says whether it ended badly and nobody looked.
    pub(crate) fn is_unseen_failure(&self) -> bool {
        !self.0.is_seen() && self.state().is_some_and(|state| !state.is_completed())
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upstream").field(&self.label()).finish()
    }
}
