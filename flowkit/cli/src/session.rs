//! What a command that asks for runs works with: who answers, and how it prints.

use std::fmt::Display;
use std::time::Duration;

use flowkit::api::{Answer, Client};
use flowkit::report::{Peer, recognise, server_of};
use flowkit::settings::{Settings, mask_password};
use flowkit::wire::Operation;
use flowkit::{Clock, Error, ErrorKind, Result, Runtime, Timestamp};
use serde::Serialize;

use crate::global::Global;
use crate::output::{self, Format};
use crate::report::Report;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a command works with while it runs.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    clock: Clock,
    settings: Settings,
    /// What executes runs here; none where a server is asked.
    runtime: Option<Runtime>,
    pub(crate) format: Format,
}

impl Session {
    /// Does the work of a command on the database of the chosen profile.
    ///
    /// Runs whose processes died are Crashed by then.
    pub(crate) fn run_here(
        global: &Global,
        work: impl AsyncFnOnce(&Self) -> Result<Report>,
    ) -> Result<Report> {
        let settings = settings(global)?;
        block_on(async { work(&Self::here(settings, global.output).await?).await })
    }

    /// Does the work of a command on what the chosen profile looks at: a flowkit server, else the
    /// database.
    pub(crate) fn run(
        global: &Global,
        work: impl AsyncFnOnce(&Self) -> Result<Report>,
    ) -> Result<Report> {
        let settings = settings(global)?;
        block_on(async { work(&Self::open(settings, global.output).await?).await })
    }

    async fn open(settings: Settings, format: Format) -> Result<Self> {
        let Some(server) = server_of(&settings) else { return Self::here(settings, format).await };
        let url = mask_password(&server.url).into_owned();
        let peer = in_time(recognise(&server)).await;
        let why = match peer {
            Ok(peer) if peer.is_flowkit() => {
                let clock = Clock::system();
                let client = Client::connect(&server, clock.clone())?;
                return Ok(Self { client, clock, settings, runtime: None, format });
            }
            Ok(peer) => format!("{url} is a {peer}, whose own page shows what it knows"),
            Err(error) if is_away(&error) => format!("the API at {url} does not answer"),
            Err(error) => return Err(error),
        };
        let shown = format!("{why}; these are the runs in {}", settings.database_url());
        output::warn(&[shown], format);
        Self::here(settings, format).await
    }

    async fn here(settings: Settings, format: Format) -> Result<Self> {
        let runtime = Runtime::start(settings.clone(), Clock::system()).await?;
        let (client, clock) = (runtime.client().clone(), runtime.clock().clone());
        Ok(Self { client, clock, settings, runtime: Some(runtime), format })
    }

    /// Says whether a server is asked.
    pub(crate) const fn is_remote(&self) -> bool {
        self.runtime.is_none()
    }

    /// Has an operation answered.
    pub(crate) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output>
    where
        Client: Answer<O>,
    {
        self.client.call(operation).await
    }

    /// Marks runs as Crashed whose processes died since the command began.
    ///
    /// Those that a server is told of, it or their machine looks after.
    pub(crate) async fn reap(&self) -> Result<()> {
        match &self.runtime {
            Some(runtime) => runtime.reap().await,
            None => Ok(()),
        }
    }

    /// What executes runs here; none where a server is asked.
    pub(crate) const fn runtime(&self) -> Option<&Runtime> {
        self.runtime.as_ref()
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Prints something that just happened: a line of text, or JSON on a line.
    pub(crate) fn say(&self, text: &impl Display, data: &impl Serialize) -> Result<()> {
        output::say(text, data, self.format)
    }
}

/// Waits for the work of a command.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal("could not start").with_source(error))?;
    executor.block_on(work)
}

/// Waits for the answer of a server, but not for long.
pub(crate) async fn in_time<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    let clock = Clock::system();
    tokio::select! {
        answer = asked => answer,
        () = clock.sleep(PATIENCE) => {
            Err(Error::timeout(format!("no answer came within {} seconds", PATIENCE.as_secs())))
        }
    }
}

/// Asks the API of those settings what it is; none if they set no API.
pub(crate) fn probe(settings: &Settings) -> Option<Result<Peer>> {
    let server = server_of(settings)?;
    Some(block_on(in_time(recognise(&server))))
}

/// Says whether an error means that nobody is there.
pub(crate) fn is_away(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout)
}

/// The settings of the chosen profile; what is odd about them is said at once.
pub(crate) fn settings(global: &Global) -> Result<Settings> {
    let settings = match &global.profile {
        Some(profile) => Settings::load_profile(profile)?,
        None => Settings::load()?,
    };
    output::warn(settings.warnings(), global.output);
    Ok(settings)
}
