//! Runtime: what all runs of one process share, from the settings to the heartbeat.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, OnceCell};
use uuid::Uuid;

use super::call::CallOptions;
use super::definition::TaskDefinition;
use super::keeper::Keeper;
use super::scope::{FlowScope, Scope};
use super::{host, panic};
use crate::api::Client;
use crate::block::{LocalFileSystem, Storage};
use crate::chance;
use crate::clock::Clock;
use crate::model::{FlowRunId, LimitScope, Task};
#[cfg(all(feature = "client", feature = "sqlite"))]
use crate::report::Reporter;
use crate::settings::Settings;
use crate::wire::{FilterConcurrencyLimits, LeaseHolder, Page, ReapFlowRuns};
use crate::{Durability, Error, Result, Timestamp};

/// The storage that results go to unless a task names another one.
const LOCAL_STORAGE: &str = "local-file-system/default";

/// A task by its key, and the retries and delay that a call of it asks for.
type TaskCallKind = (&'static str, u32, u128);

/// What all runs of one process share: settings, clock, database, heartbeat.
///
/// A program has one and need not name it: the first run makes it from the settings. Tests and
/// programs that use several databases make their own and [`hold`](Self::hold) code in it.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    client: Client,
    holder: LeaseHolder,
    /// Held locked while this process lives, so that others see at once when it does not.
    life_sign: Option<File>,
    tasks: Mutex<HashMap<TaskCallKind, Arc<Task>>>,
    storages: RwLock<HashMap<String, Arc<dyn Storage>>>,
    limited_tags: RwLock<HashSet<String>>,
    active: Mutex<HashMap<FlowRunId, Arc<FlowScope>>>,
    slot_holders: Mutex<HashSet<Uuid>>,
    slots_freed: Notify,
    keeper: Keeper,
    renewed: AtomicI64,
    #[cfg(all(feature = "client", feature = "sqlite"))]
    reporter: Option<Reporter>,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("database", &self.0.settings.database_url())
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runtime {
    /// Opens the database of those settings and looks for runs whose processes died.
    ///
    /// # Errors
    /// As [`Client::open`].
    pub async fn start(settings: Settings, clock: Clock) -> Result<Self> {
        panic::install_hook();
        let client = Client::open(settings.database_url(), clock.clone()).await?;
        #[cfg(feature = "sqlite")]
        let client = client.encrypted_by(&settings);
        let (holder, life_sign) = host::introduce(&settings, &clock);
        #[cfg(all(feature = "client", feature = "sqlite"))]
        let (client, reporter) = Reporter::prepare(&settings, client, &holder);
        #[cfg(not(feature = "client"))]
        if settings.api_url().is_some() {
            tracing::warn!(target: "flowkit", "This program was built without the feature `client` of flowkit: its runs are kept here and not reported to the API.");
        }
        let storage: Arc<dyn Storage> = Arc::new(LocalFileSystem::new(settings.storage_path()));
        let runtime = Self(Arc::new(Inner {
            settings,
            clock,
            client,
            holder,
            life_sign,
            tasks: Mutex::default(),
            storages: RwLock::new(HashMap::from([(LOCAL_STORAGE.to_owned(), storage)])),
            limited_tags: RwLock::default(),
            active: Mutex::default(),
            slot_holders: Mutex::default(),
            slots_freed: Notify::new(),
            keeper: Keeper::default(),
            renewed: AtomicI64::new(0),
            #[cfg(all(feature = "client", feature = "sqlite"))]
            reporter,
        }));
        runtime.reap().await?;
        runtime.learn_limits().await?;
        Ok(runtime)
    }

    /// The runtime of the code that asks, or the one of the whole program.
    ///
    /// # Errors
    /// As [`Settings::load`] and [`Self::start`], when the program has none yet.
    pub async fn current() -> Result<Self> {
        static OF_THE_PROGRAM: OnceCell<Runtime> = OnceCell::const_new();
        if let Some(runtime) = Scope::with(|scope| scope.runtime.clone()) {
            return Ok(runtime);
        }
        let made = OF_THE_PROGRAM
            .get_or_try_init(|| async { Self::start(Settings::load()?, Clock::system()).await });
        made.await.cloned()
    }

    /// Executes code in this runtime instead of the one of the program.
    pub async fn hold<F: Future>(&self, future: F) -> F::Output {
        Scope::outside(self.clone()).hold(future).await
    }

    /// Executes a function in this runtime, with what it calls there.
    pub(super) fn hold_blocking<R>(&self, function: impl FnOnce() -> R) -> R {
        Scope::outside(self.clone()).hold_blocking(function)
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The clock that all times come from.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The door to everything that is kept.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Makes a storage known under `slug/name`, for `result_storage`.
    pub fn register_storage(&self, name: impl Into<String>, storage: Arc<dyn Storage>) {
        let mut storages = self.0.storages.write().unwrap_or_else(PoisonError::into_inner);
        storages.insert(name.into(), storage);
    }

    /// Returns once everything that runs told so far is kept.
    ///
    /// # Errors
    /// Unavailable when the database cannot be written.
    pub async fn flush(&self) -> Result<()> {
        self.client().flush(self.durability()).await
    }

    /// Waits until the API knows what runs did, as long as the settings say, and tells what is left.
    ///
    /// A program with `#[flowkit::main]` does so at its end. Without an API there is nothing to wait
    /// for; what is left is reported by the next program that uses this database and API.
    pub async fn report(&self) {
        #[cfg(all(feature = "client", feature = "sqlite"))]
        if let Some(reporter) = &self.0.reporter {
            reporter.finish(self.settings().report_wait()).await;
        }
    }

    /// Asks all flow runs that this process executes to stop.
    pub fn cancel_all(&self) {
        for flow in lock(&self.0.active).values() {
            flow.cancel.cancel();
        }
    }

    /// Looks at what others want of the runs that this process executes, and renews their leases.
    ///
    /// A thread of the runtime does it all the time; tests do it when they want it done.
    ///
    /// # Errors
    /// Unavailable when the database does not answer.
    pub async fn look_after_runs(&self) -> Result<()> {
        super::keeper::look_after(self).await
    }

    /// Deletes runs and logs that are older than the settings keep them.
    ///
    /// The thread that looks after runs does it every hour.
    ///
    /// # Errors
    /// Unavailable when the database or the storage cannot be written.
    pub async fn delete_old_runs(&self) -> Result<()> {
        super::retention::apply(self).await
    }

    pub(crate) fn durability(&self) -> Durability {
        self.settings().durability()
    }

    pub(crate) fn refreshes_cache(&self) -> bool {
        self.settings().tasks_refresh_cache()
    }

    pub(crate) fn holder(&self) -> &LeaseHolder {
        &self.0.holder
    }

    pub(crate) fn slots_freed(&self) -> &Notify {
        &self.0.slots_freed
    }

    pub(super) fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    /// Says whether the leases are to be renewed now; says so once each `every`.
    pub(super) fn leases_are_due(&self, now: Timestamp, every: Duration) -> bool {
        let renewed = self.0.renewed.load(Ordering::Relaxed);
        let due = now.since(Timestamp::from_micros(renewed)) >= every;
        if due {
            self.0.renewed.store(now.as_micros(), Ordering::Relaxed);
        }
        due
    }

    pub(super) fn downgrade(&self) -> WeakRuntime {
        WeakRuntime(Arc::downgrade(&self.0))
    }

    /// What all runs of a task share; made once for each way to call it.
    pub(crate) fn shared_task(&self, task: &TaskDefinition, options: &CallOptions) -> Arc<Task> {
        let retries = options.retries.unwrap_or(task.options.retries);
        let delay = options.retry_delay.map_or(u128::MAX, |delay| delay.as_nanos());
        let kind = (task.options.key, retries, delay);
        let mut tasks = lock(&self.0.tasks);
        if let Some(known) = tasks.get(&kind) {
            return known.clone();
        }
        let made = task.shared(task.options.policy(retries, options.retry_delay));
        let namesake =
            tasks.values().find(|other| other.name == made.name && other.key != made.key);
        if let Some(other) = namesake {
            let (name, one, other) = (&made.name, &other.key, &made.key);
            tracing::warn!(target: "flowkit", "Two tasks are called `{name}`: {one} and {other}. Their runs look alike; give one of them another name: #[task(name = \"…\")]");
        }
        tasks.insert(kind, made.clone());
        made
    }

    /// The storage of that name, or the one that results go to by default.
    pub(crate) fn result_storage(&self, name: Option<&str>) -> Result<(String, Arc<dyn Storage>)> {
        let name = name.unwrap_or(LOCAL_STORAGE);
        let storages = self.0.storages.read().unwrap_or_else(PoisonError::into_inner);
        let storage = storages.get(name).cloned().ok_or_else(|| {
            let mut known: Vec<_> = storages.keys().map(String::as_str).collect();
            known.sort_unstable();
            Error::not_found(format!("storage `{name}`"))
                .with_hint(format!("known are {}; see Runtime::register_storage", known.join(", ")))
        })?;
        Ok((name.to_owned(), storage))
    }

    /// Says whether task runs with that tag are limited, as far as this process knows.
    pub(crate) fn is_limited(&self, tag: &str) -> bool {
        self.0.limited_tags.read().unwrap_or_else(PoisonError::into_inner).contains(tag)
    }

    /// Learns which tags are limited.
    pub(crate) async fn learn_limits(&self) -> Result<()> {
        let scope = Some(LimitScope::Tag);
        let page = Page::first(10_000);
        let limits = self.client().call(FilterConcurrencyLimits { scope, page }).await?;
        let tags = limits.into_iter().map(|limit| limit.name).collect();
        *self.0.limited_tags.write().unwrap_or_else(PoisonError::into_inner) = tags;
        Ok(())
    }

    pub(crate) fn keep_slots(&self, holder: Uuid) {
        lock(&self.0.slot_holders).insert(holder);
        self.keeper().wake(self);
    }

    pub(crate) fn forget_slots(&self, holder: Uuid) {
        lock(&self.0.slot_holders).remove(&holder);
    }

    pub(super) fn slot_holders(&self) -> Vec<Uuid> {
        lock(&self.0.slot_holders).iter().copied().collect()
    }

    /// Gives slots back from code that cannot wait: they are no longer renewed, and the keeper frees them.
    pub(crate) fn release_later(&self, holder: Uuid) {
        self.forget_slots(holder);
        self.keeper().release(self, holder);
    }

    pub(super) fn activate(&self, flow: Arc<FlowScope>) {
        lock(&self.0.active).insert(flow.id, flow);
        self.keeper().wake(self);
        #[cfg(all(feature = "client", feature = "sqlite"))]
        if let Some(reporter) = &self.0.reporter {
            reporter.wake(self.client());
        }
    }

    /// Ends a flow run whose future was dropped, from code that cannot wait.
    pub(super) fn abandon(&self, id: FlowRunId) {
        self.deactivate(id);
        self.keeper().abandon(self, id);
    }

    pub(super) fn deactivate(&self, id: FlowRunId) {
        lock(&self.0.active).remove(&id);
    }

    pub(super) fn active(&self) -> Vec<Arc<FlowScope>> {
        lock(&self.0.active).values().cloned().collect()
    }

    /// Marks runs as Crashed whose processes died, and tells of them.
    ///
    /// A runtime does so when it starts; whoever waits for a run of another process does it again.
    ///
    /// # Errors
    /// Unavailable when the database does not answer.
    pub async fn reap(&self) -> Result<()> {
        let reap = ReapFlowRuns { host: self.holder().host.clone(), now: self.clock().now() };
        for run in self.client().call(reap).await? {
            let name = &run.name;
            tracing::warn!(target: "flowkit", "Flow run '{name}' was left unfinished by a process that died; continue it with: flowkit flow-run resume {name}");
            super::run_flow::call_crash_hooks(self, &run).await;
        }
        host::sweep(self.settings());
        Ok(())
    }

    /// Lets others believe that this process died.
    #[cfg(feature = "testing")]
    pub(crate) fn play_dead(&self) {
        if let Some(file) = &self.0.life_sign {
            file.unlock().expect("a locked file can be unlocked");
        }
    }

    pub(super) fn new_id(&self) -> Uuid {
        chance::new_id(self.clock().now())
    }
}

/// A runtime that may be gone already.
#[derive(Clone)]
pub(super) struct WeakRuntime(std::sync::Weak<Inner>);

impl WeakRuntime {
    pub(super) fn upgrade(&self) -> Option<Runtime> {
        self.0.upgrade().map(Runtime)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(file) = &self.holder.lock_file {
            let _ = std::fs::remove_file(file);
        }
        // Held until here, and let go with the file.
        drop(self.life_sign.take());
    }
}

/// Waits for a future on a thread that may block.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    match tokio::runtime::Handle::try_current() {
        Ok(handle) => handle.block_on(future),
        Err(_) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a thread can run a future")
            .block_on(future),
    }
}
