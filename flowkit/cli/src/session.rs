//! What a command that asks for runs works with: a runtime, and how it prints.

use std::fmt::Display;
use std::time::Duration;

use flowkit::api::{Answer, Client};
use flowkit::settings::Settings;
use flowkit::wire::Operation;
use flowkit::{Clock, Error, Result, Runtime, Timestamp};
use serde::Serialize;

use crate::global::Global;
use crate::output::{self, Format};
use crate::report::Report;

/// What a command works with while it runs.
#[derive(Debug)]
pub(crate) struct Session {
    runtime: Runtime,
    pub(crate) format: Format,
}

impl Session {
    /// Does the work of a command on the database of the chosen profile.
    ///
    /// Runs whose processes died are Crashed by then.
    pub(crate) fn run(
        global: &Global,
        work: impl AsyncFnOnce(&Self) -> Result<Report>,
    ) -> Result<Report> {
        let settings = settings(global)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::internal("could not start").with_source(error))?;
        runtime.block_on(async {
            let runtime = Runtime::start(settings, Clock::system()).await?;
            work(&Self { runtime, format: global.output }).await
        })
    }

    /// Has an operation answered.
    pub(crate) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output>
    where
        Client: Answer<O>,
    {
        self.client().call(operation).await
    }

    /// Marks runs as Crashed whose processes died since the command began.
    pub(crate) async fn reap(&self) -> Result<()> {
        self.runtime.reap().await
    }

    pub(crate) fn client(&self) -> &Client {
        self.runtime.client()
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.runtime.settings()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.runtime.clock().now()
    }

    pub(crate) async fn sleep(&self, duration: Duration) {
        self.runtime.clock().sleep(duration).await;
    }

    /// Prints something that just happened: a line of text, or JSON on a line.
    pub(crate) fn say(&self, text: &impl Display, data: &impl Serialize) -> Result<()> {
        output::say(text, data, self.format)
    }
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
