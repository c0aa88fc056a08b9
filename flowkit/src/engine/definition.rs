//! Definitions: what a `#[task]` or `#[flow]` says about itself, known when the program is compiled.
//!
//! The macros write them as constants through these builders, so that a definition costs nothing at run time.

use std::sync::Arc;
use std::time::Duration;

use super::execute::Execute;
use super::hook::HookFn;
use super::parameter::ParameterDefinition;
use crate::Durability;
use crate::model::{CrashPolicy, RetryPolicy, Task};
use crate::rules::retry::Backoff;

/// How long to wait before another try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Always as long.
    Fixed(Duration),
    /// As long as the list says, its last entry for the rest.
    List(&'static [Duration]),
    /// Twice as long each time, starting with `first`, never more than `max`.
    Exponential {
        /// Before the second try.
        first: Duration,
        /// At most.
        max: Option<Duration>,
    },
}

/// What makes two calls of a task the same call, whose result is kept and found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Every call is a new one.
    Off,
    /// The same inputs.
    Inputs,
    /// The same source of the task.
    Source,
    /// The same inputs to the same source.
    InputsAndSource,
    /// The same answer of the task's own function.
    Own,
}

/// What is called when a run ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hooks {
    pub(crate) on_completion: &'static [HookFn],
    pub(crate) on_failure: &'static [HookFn],
    pub(crate) on_cancellation: &'static [HookFn],
    pub(crate) on_crashed: &'static [HookFn],
}

/// What tasks and flows can both say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) version: &'static str,
    pub(crate) description: Option<&'static str>,
    pub(crate) tags: &'static [&'static str],
    pub(crate) retries: u32,
    pub(crate) retry_delay: Delay,
    pub(crate) retry_jitter: f64,
    pub(crate) timeout: Option<Duration>,
    pub(crate) persist_result: Option<bool>,
    pub(crate) result_storage: Option<&'static str>,
    pub(crate) hooks: Hooks,
}

impl Options {
    const fn new(name: &'static str, key: &'static str, version: &'static str) -> Self {
        Self {
            name,
            key,
            version,
            description: None,
            tags: &[],
            retries: 0,
            retry_delay: Delay::Fixed(Duration::ZERO),
            retry_jitter: 0.0,
            timeout: None,
            persist_result: None,
            result_storage: None,
            hooks: Hooks {
                on_completion: &[],
                on_failure: &[],
                on_cancellation: &[],
                on_crashed: &[],
            },
        }
    }

    /// How failed runs are tried again, as the database and the API know it.
    pub(crate) fn policy(&self, retries: u32, delay: Option<Duration>) -> RetryPolicy {
        let backoff = match (delay, self.retry_delay) {
            (Some(delay), _) | (None, Delay::Fixed(delay)) => Backoff::Fixed(delay),
            (None, Delay::List(list)) => Backoff::List(list.to_vec()),
            (None, Delay::Exponential { first, max }) => Backoff::Exponential { first, max },
        };
        let delays = backoff.delays_seconds(retries);
        let waits = delays.iter().any(|delay| *delay > 0.0);
        RetryPolicy {
            retries: (retries > 0).then_some(retries),
            retry_delay: if waits { delays } else { Vec::new() },
            retry_jitter_factor: (waits && self.retry_jitter > 0.0).then_some(self.retry_jitter),
        }
    }
}

/// The builders that tasks and flows share.
macro_rules! shared_options {
    ($definition:ident) => {
        impl $definition {
            /// Another name than the function's.
            #[must_use]
            pub const fn name(mut self, name: &'static str) -> Self {
                self.options.name = name;
                self
            }

            /// What it does, for people.
            #[must_use]
            pub const fn description(mut self, description: &'static str) -> Self {
                self.options.description = Some(description);
                self
            }

            /// Another version than the hash of the source.
            #[must_use]
            pub const fn version(mut self, version: &'static str) -> Self {
                self.options.version = version;
                self
            }

            /// Words to find its runs by.
            #[must_use]
            pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
                self.options.tags = tags;
                self
            }

            /// How often a failed run is tried again.
            #[must_use]
            pub const fn retries(mut self, retries: u32) -> Self {
                self.options.retries = retries;
                self
            }

            /// How long to wait before another try.
            #[must_use]
            pub const fn retry_delay(mut self, delay: Delay) -> Self {
                self.options.retry_delay = delay;
                self
            }

            /// By which part of itself a delay may grow, by chance.
            #[must_use]
            pub const fn retry_jitter(mut self, factor: f64) -> Self {
                self.options.retry_jitter = factor;
                self
            }

            /// How long one try may take.
            #[must_use]
            pub const fn timeout(mut self, timeout: Duration) -> Self {
                self.options.timeout = Some(timeout);
                self
            }

            /// Whether results are kept; left to the settings otherwise.
            #[must_use]
            pub const fn persist_result(mut self, persist: bool) -> Self {
                self.options.persist_result = Some(persist);
                self
            }

            /// The storage that large results are kept in, as `slug/name`.
            #[must_use]
            pub const fn result_storage(mut self, storage: &'static str) -> Self {
                self.options.result_storage = Some(storage);
                self
            }

            /// What is called when a run has completed.
            #[must_use]
            pub const fn on_completion(mut self, hooks: &'static [HookFn]) -> Self {
                self.options.hooks.on_completion = hooks;
                self
            }

            /// What is called when a run has failed for good.
            #[must_use]
            pub const fn on_failure(mut self, hooks: &'static [HookFn]) -> Self {
                self.options.hooks.on_failure = hooks;
                self
            }

            /// What is called when a run was cancelled.
            #[must_use]
            pub const fn on_cancellation(mut self, hooks: &'static [HookFn]) -> Self {
                self.options.hooks.on_cancellation = hooks;
                self
            }

            /// What is called when a run is found crashed.
            #[must_use]
            pub const fn on_crashed(mut self, hooks: &'static [HookFn]) -> Self {
                self.options.hooks.on_crashed = hooks;
                self
            }
        }
    };
}

/// What a `#[task]` says about itself.
#[derive(Debug, Clone, Copy)]
pub struct TaskDefinition {
    pub(crate) options: Options,
    pub(crate) cache: Cache,
    pub(crate) cache_expiration: Option<Duration>,
    pub(crate) refresh_cache: bool,
}

shared_options!(TaskDefinition);

impl TaskDefinition {
    /// A task of that name; `key` names it across programs, `version` changes with its source.
    #[must_use]
    pub const fn new(name: &'static str, key: &'static str, version: &'static str) -> Self {
        Self {
            options: Options::new(name, key, version),
            cache: Cache::Off,
            cache_expiration: None,
            refresh_cache: false,
        }
    }

    /// What makes two calls the same call.
    #[must_use]
    pub const fn cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    /// How long a kept result may be found.
    #[must_use]
    pub const fn cache_expiration(mut self, expiration: Duration) -> Self {
        self.cache_expiration = Some(expiration);
        self
    }

    /// Whether kept results are passed over and replaced.
    #[must_use]
    pub const fn refresh_cache(mut self, refresh: bool) -> Self {
        self.refresh_cache = refresh;
        self
    }

    /// What all runs of the task share, as the database knows it.
    pub(crate) fn shared(&self, policy: RetryPolicy) -> Arc<Task> {
        let options = &self.options;
        Arc::new(Task {
            key: options.key.to_owned(),
            name: options.name.to_owned(),
            version: options.version.to_owned(),
            description: options.description.map(str::to_owned),
            tags: options.tags.iter().map(|tag| (*tag).to_owned()).collect(),
            policy,
        })
    }
}

/// What a `#[flow]` says about itself.
#[derive(Debug, Clone, Copy)]
pub struct FlowDefinition {
    pub(crate) options: Options,
    pub(crate) concurrency: usize,
    pub(crate) on_crash: CrashPolicy,
    pub(crate) durability: Option<Durability>,
    pub(crate) parameters: &'static [ParameterDefinition],
    pub(crate) execute: Option<Execute>,
}

shared_options!(FlowDefinition);

impl FlowDefinition {
    /// How many task runs of one flow run may run at once unless the flow says otherwise.
    pub const CONCURRENCY: usize = 100;

    /// A flow of that name; `key` names it across programs, `version` changes with its source.
    #[must_use]
    pub const fn new(name: &'static str, key: &'static str, version: &'static str) -> Self {
        Self {
            options: Options::new(name, key, version),
            concurrency: Self::CONCURRENCY,
            on_crash: CrashPolicy::Fail,
            durability: None,
            parameters: &[],
            execute: None,
        }
    }

    /// How many of its task runs may run at once.
    #[must_use]
    pub const fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// What is done with a run whose process died.
    #[must_use]
    pub const fn on_crash(mut self, policy: CrashPolicy) -> Self {
        self.on_crash = policy;
        self
    }

    /// What is promised of a result when the call of a task returns.
    #[must_use]
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// What it can be called with from outside the program.
    #[must_use]
    pub const fn parameters(mut self, parameters: &'static [ParameterDefinition]) -> Self {
        self.parameters = parameters;
        self
    }

    /// How it is called from outside the program.
    #[must_use]
    pub const fn execute(mut self, execute: Execute) -> Self {
        self.execute = Some(execute);
        self
    }
}
