//! `flowkit cloud`: reports to Prefect Cloud.

mod login;
mod logout;
mod workspace;

use clap::Subcommand;
use flowkit::Result;
use flowkit::report::Workspace;
use flowkit::secret::{self, Secret};
use flowkit::settings::{Profiles, Settings};

use crate::global::{Global, Sources};
use crate::report::Report;
use crate::session;

/// Report runs to Prefect Cloud
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit cloud login
  flowkit cloud workspace set --workspace account/workspace")]
pub(crate) enum Command {
    Login(login::Login),

    /// Forget the key and the workspace
    #[command(after_help = "Example:
  flowkit cloud logout")]
    Logout,

    #[command(subcommand)]
    Workspace(workspace::Command),
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        let cloud = Cloud::of(global)?;
        match self {
            Self::Login(login) => login.run(&cloud),
            Self::Logout => logout::run(&cloud),
            Self::Workspace(command) => command.run(&cloud),
        }
    }
}

/// Prefect Cloud, as the profile in use knows it.
struct Cloud {
    sources: Sources,
    profile: String,
    settings: Settings,
}

impl Cloud {
    fn of(global: &Global) -> Result<Self> {
        let sources = global.sources()?;
        let profile = sources.chosen(global)?;
        let settings = session::settings(global)?;
        Ok(Self { sources, profile, settings })
    }

    /// The address of its API.
    fn url(&self) -> &str {
        self.settings.cloud_api_url()
    }

    /// Says whether runs are reported to that workspace.
    fn is_in_use(&self, workspace: &Workspace) -> bool {
        self.settings.api_url() == Some(workspace.api_url(self.url()).as_str())
    }

    /// The workspaces that a key opens.
    fn workspaces(&self, key: &Secret) -> Result<Vec<Workspace>> {
        secret::register(key.expose());
        session::block_on(session::in_time(flowkit::report::workspaces(self.url(), key)))
    }

    /// Has runs reported to that workspace from now on.
    fn use_workspace(&self, workspace: &Workspace) -> Result<()> {
        let url = workspace.api_url(self.url());
        self.edit(|profiles| profiles.set(&self.profile, "FLOWKIT_API_URL", &url))
    }

    fn edit(&self, edit: impl FnOnce(&mut Profiles) -> Result<()>) -> Result<()> {
        Profiles::edit(&self.sources.path, edit)
    }

    /// What the environment says instead of the profile.
    fn overrides(&self) -> Vec<String> {
        let overridden = |name: &&str| self.sources.environment.get(name).is_some();
        let names = ["FLOWKIT_API_URL", "FLOWKIT_API_KEY"].into_iter().filter(overridden);
        names.map(|name| format!("the environment variable {name} is used instead of it")).collect()
    }
}
