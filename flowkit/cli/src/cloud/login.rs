//! `flowkit cloud login`: keeps a key that Prefect Cloud knows.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use flowkit::report::Workspace;
use flowkit::secret::Secret;
use flowkit::{Error, Result};
use serde_json::json;

use super::{Cloud, workspace};
use crate::report::Report;

/// Log in to Prefect Cloud with an API key
#[derive(Debug, Args)]
#[command(
    after_help = "The key is asked for without being shown, unless it comes from a file. It is kept in the
profile, in a file that only you can read.

Examples:
  flowkit cloud login
  flowkit cloud login --key-from key.txt --workspace account/workspace
  pass prefect | flowkit cloud login --key-from -"
)]
pub(crate) struct Login {
    /// Read the key from this file; '-' is the standard input
    #[arg(long, value_name = "FILE")]
    key_from: Option<PathBuf>,
    /// Report to this workspace
    #[arg(long, value_name = "ACCOUNT/WORKSPACE")]
    workspace: Option<String>,
}

impl Login {
    pub(super) fn run(self, cloud: &Cloud) -> Result<Report> {
        let key = self.key()?;
        let workspaces = cloud.workspaces(&key)?;
        let chosen = self.choose(&workspaces)?;
        cloud.edit(|profiles| profiles.set(&cloud.profile, "FLOWKIT_API_KEY", key.expose()))?;
        if let Some(chosen) = chosen {
            cloud.use_workspace(chosen)?;
        }
        let profile = &cloud.profile;
        let handle = chosen.map(Workspace::handle);
        let report = Report::of(&json!({ "profile": profile, "workspace": handle }))
            .line(format!("Logged in to Prefect Cloud with profile '{profile}'."));
        let report = match handle {
            Some(handle) => report.line(format!("Runs are reported to workspace '{handle}'.")),
            None => report.line("Choose where runs are reported: flowkit cloud workspace set"),
        };
        Ok(report.warnings(cloud.overrides()))
    }

    fn key(&self) -> Result<Secret> {
        let text = match &self.key_from {
            Some(path) if path.as_os_str() == "-" => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).map(|_| text)
            }
            Some(path) => std::fs::read_to_string(path),
            None if !io::stdin().is_terminal() => {
                return Err(Error::invalid("there is nobody to ask for the key")
                    .with_hint("--key-from FILE reads it, --key-from - from the standard input"));
            }
            None => ask(),
        };
        let text = text.map_err(|error| Error::invalid("no key was read").with_source(error))?;
        match text.trim() {
            "" => Err(Error::invalid("the key is empty")),
            key => Ok(Secret::new(key)),
        }
    }

    /// The workspace that was named, the only one there is, or one that the user chooses.
    fn choose<'w>(&self, workspaces: &'w [Workspace]) -> Result<Option<&'w Workspace>> {
        match (&self.workspace, workspaces) {
            (Some(handle), _) => workspace::find(workspaces, handle).map(Some),
            (None, [only]) => Ok(Some(only)),
            (None, many) if workspace::can_choose() && !many.is_empty() => {
                workspace::choose(many).map(Some)
            }
            (None, _) => Ok(None),
        }
    }
}

/// Asks for the key without showing it.
fn ask() -> io::Result<String> {
    let terminal = console::Term::stderr();
    terminal.write_str("API key (it is not shown): ")?;
    terminal.read_secure_line()
}
