//! The entry of a program: `#[flowkit::main]`.
//!
//! The same executable is the user's program, the worker image of its flows and their
//! description; the environment says which of them is wanted.

use std::future::Future;
use std::io::Write;
use std::process::{ExitCode, Termination};

use super::execute;
use super::log;
use super::runtime::Runtime;
use crate::clock::Clock;
use crate::error::story;
use crate::model::FlowRunId;
use crate::settings::{Environment, Settings};
use crate::{Error, Result};

/// What `#[flowkit::main]` was told.
#[derive(Debug, Clone, Copy)]
pub struct MainOptions {
    version: &'static str,
    worker_threads: Option<usize>,
}

impl MainOptions {
    /// The options of a program of that version.
    #[must_use]
    pub const fn new(version: &'static str) -> Self {
        Self { version, worker_threads: None }
    }

    /// How many threads execute async code; as many as there are cores otherwise.
    #[must_use]
    pub const fn worker_threads(mut self, threads: usize) -> Self {
        self.worker_threads = Some(threads);
        self
    }
}

/// Runs an async `main`.
pub fn main<F, Fut>(options: MainOptions, body: F) -> ExitCode
where
    F: FnOnce() -> Fut,
    Fut: Future<Output: Ended>,
{
    start(options, |executor, runtime| {
        executor.block_on(runtime.hold(interruptible(&runtime, body()))).into_exit_code()
    })
}

/// Runs a sync `main`.
pub fn main_blocking<R: Ended>(options: MainOptions, body: impl FnOnce() -> R) -> ExitCode {
    start(options, |executor, runtime| {
        let watching = runtime.clone();
        let _inside = executor.enter();
        let signals = Signals::listen();
        executor.spawn(async move { signals.heed(&watching).await });
        runtime.hold_blocking(body).into_exit_code()
    })
}

fn start(
    options: MainOptions,
    run: impl FnOnce(&tokio::runtime::Runtime, Runtime) -> ExitCode,
) -> ExitCode {
    let code = try_start(options, run).unwrap_or_else(|error| Err::<(), _>(error).into_exit_code());
    log::flush_console();
    code
}

fn try_start(
    options: MainOptions,
    run: impl FnOnce(&tokio::runtime::Runtime, Runtime) -> ExitCode,
) -> Result<ExitCode> {
    let environment = Environment::read()?;
    if environment.get(Environment::DESCRIBE).is_some() {
        return describe(options);
    }
    let settings = Settings::load()?;
    log::init(&settings);
    for warning in settings.warnings() {
        tracing::warn!(target: "flowkit", "{warning}");
    }
    let executor = executor(options)?;
    let runtime = executor.block_on(Runtime::start(settings, Clock::system()))?;
    let code = match environment.get(Environment::FLOW_RUN_ID) {
        Some(id) => {
            let id = parse_id(id)?;
            let execution = execute::run(id, &runtime);
            let executed = runtime.hold(interruptible(&runtime, execution));
            executor.block_on(executed).into_exit_code()
        }
        None => run(&executor, runtime.clone()),
    };
    // What was told and not waited for is written before the program ends.
    executor.block_on(runtime.flush())?;
    executor.block_on(runtime.report());
    executor.shutdown_background();
    Ok(code)
}

fn parse_id(text: &str) -> Result<FlowRunId> {
    text.parse().map_err(|error| {
        let variable = Environment::FLOW_RUN_ID;
        Error::invalid(format!("{variable} is `{text}`, which is no id")).with_source(error)
    })
}

fn describe(options: MainOptions) -> Result<ExitCode> {
    let text = serde_json::to_string_pretty(&execute::describe(options.version))
        .map_err(|error| Error::internal("the description has no JSON").with_source(error))?;
    let written = writeln!(std::io::stdout(), "{text}");
    written.map_err(|error| {
        Error::unavailable("the description was not written").with_source(error)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn executor(options: MainOptions) -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.worker_threads {
        builder.worker_threads(threads.max(1));
    }
    let built = builder.enable_all().build();
    built.map_err(|error| Error::unavailable("no threads could be started").with_source(error))
}

/// Runs `body`; the first interrupt asks all runs to stop, the second one ends the program.
async fn interruptible<F: Future>(runtime: &Runtime, body: F) -> F::Output {
    let signals = Signals::listen();
    tokio::select! {
        ended = body => ended,
        never = signals.heed(runtime) => match never {},
    }
}

/// What asks a program to stop: Ctrl-C, and the system's wish that it end.
///
/// Listening begins when this is made, before the first run begins: a signal in between must not
/// end the program.
struct Signals {
    #[cfg(unix)]
    streams: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Signals {
    /// Listens; called where async code is executed.
    #[cfg(unix)]
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let streams = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        Self {
            streams: match streams {
                (Ok(interrupt), Ok(terminate)) => Some([interrupt, terminate]),
                (Ok(_) | Err(_), _) => None,
            },
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    /// Asks all runs to stop at the first signal, and ends the program at the second one.
    async fn heed(mut self, runtime: &Runtime) -> std::convert::Infallible {
        self.next().await;
        tracing::warn!(target: "flowkit", "Stopping: runs are being cancelled. Interrupt again to end at once.");
        runtime.cancel_all();
        self.next().await;
        log::flush_console();
        std::process::exit(130)
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let Some([interrupt, terminate]) = &mut self.streams else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

/// What a `main` can return.
pub trait Ended {
    /// The exit code that it stands for; an error is told on standard error.
    fn into_exit_code(self) -> ExitCode;
}

impl Ended for () {
    fn into_exit_code(self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

impl Ended for ExitCode {
    fn into_exit_code(self) -> ExitCode {
        self
    }
}

impl<T: Termination, E: Into<Box<dyn std::error::Error + Send + Sync>>> Ended for Result<T, E> {
    fn into_exit_code(self) -> ExitCode {
        let error = match self {
            Ok(value) => return value.report(),
            Err(error) => error.into(),
        };
        log::flush_console();
        let ours = error.downcast_ref::<Error>();
        let text = ours.map_or_else(|| story(error.as_ref()), |ours| format!("{ours:?}"));
        let _ = writeln!(std::io::stderr(), "Error: {text}");
        ours.map_or(ExitCode::FAILURE, |ours| ExitCode::from(ours.kind().exit_code()))
    }
}
