//! `flowkit cloud workspace`: where in Prefect Cloud runs are reported.

use std::io::{self, IsTerminal};

use clap::Subcommand;
use flowkit::report::Workspace;
use flowkit::secret::Secret;
use flowkit::settings::nearest;
use flowkit::{Error, Result};
use serde::Serialize;
use serde_json::json;

use super::Cloud;
use crate::report::Report;
use crate::table::Column;

/// Choose where in Prefect Cloud runs are reported
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit cloud workspace ls
  flowkit cloud workspace set --workspace account/workspace")]
pub(crate) enum Command {
    /// List the workspaces that the key opens
    #[command(after_help = "Example:
  flowkit cloud workspace ls")]
    Ls,

    /// Have runs reported to a workspace
    #[command(after_help = "Examples:
  flowkit cloud workspace set
  flowkit cloud workspace set --workspace account/workspace")]
    Set {
        /// The workspace; asked for if it is not given
        #[arg(long, value_name = "ACCOUNT/WORKSPACE")]
        workspace: Option<String>,
    },
}

impl Command {
    pub(super) fn run(self, cloud: &Cloud) -> Result<Report> {
        let workspaces = cloud.workspaces(key(cloud)?)?;
        match self {
            Self::Ls => Ok(ls(cloud, &workspaces)),
            Self::Set { workspace } => set(cloud, &workspaces, workspace.as_deref()),
        }
    }
}

fn key(cloud: &Cloud) -> Result<&Secret> {
    cloud.settings.api_key().ok_or_else(|| {
        Error::refused(format!("profile '{}' has no key of Prefect Cloud", cloud.profile))
            .with_hint("log in first: flowkit cloud login")
    })
}

#[derive(Serialize)]
struct Row<'a> {
    handle: String,
    active: bool,
    #[serde(flatten)]
    workspace: &'a Workspace,
}

fn ls(cloud: &Cloud, workspaces: &[Workspace]) -> Report {
    let row = |workspace| Row {
        handle: Workspace::handle(workspace),
        active: cloud.is_in_use(workspace),
        workspace,
    };
    let rows: Vec<Row<'_>> = workspaces.iter().map(row).collect();
    let columns = [
        Column::new("ACTIVE", |row: &Row<'_>| if row.active { "*" } else { "" }.to_owned()),
        Column::new("WORKSPACE", |row: &Row<'_>| row.handle.clone()),
        Column::new("NAME", |row: &Row<'_>| row.workspace.workspace_name.clone()),
        Column::new("ID", |row: &Row<'_>| row.workspace.workspace_id.to_string()),
    ];
    Report::table(&rows, &columns, "The key opens no workspace.")
}

fn set(cloud: &Cloud, workspaces: &[Workspace], named: Option<&str>) -> Result<Report> {
    let chosen = match named {
        Some(handle) => find(workspaces, handle)?,
        None if can_choose() && !workspaces.is_empty() => choose(workspaces)?,
        None => {
            return Err(Error::invalid("no workspace was named")
                .with_hint("name one: --workspace account/workspace"));
        }
    };
    cloud.use_workspace(chosen)?;
    let (handle, profile) = (chosen.handle(), &cloud.profile);
    let url = chosen.api_url(cloud.url());
    Ok(Report::of(&json!({ "profile": profile, "workspace": handle, "api_url": url }))
        .line(format!("Runs of profile '{profile}' are reported to workspace '{handle}'."))
        .warnings(cloud.overrides()))
}

/// The workspace of that handle.
pub(super) fn find<'w>(workspaces: &'w [Workspace], handle: &str) -> Result<&'w Workspace> {
    let found = workspaces.iter().find(|workspace| workspace.handle() == handle);
    found.ok_or_else(|| {
        let handles: Vec<String> = workspaces.iter().map(Workspace::handle).collect();
        let error = Error::not_found(format!("workspace '{handle}'"));
        match nearest(handle, handles.iter().map(String::as_str)) {
            Some(near) => error.with_hint(format!("did you mean '{near}'?")),
            None => error.with_hint("see which there are: flowkit cloud workspace ls"),
        }
    })
}

/// Says whether there is somebody to choose.
pub(super) fn can_choose() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Has the user choose one: up and down, then Enter.
pub(super) fn choose(workspaces: &[Workspace]) -> Result<&Workspace> {
    pick(workspaces).map_err(|error| Error::cancelled("no workspace was chosen").with_source(error))
}

fn pick(workspaces: &[Workspace]) -> io::Result<&Workspace> {
    let terminal = console::Term::stderr();
    let mut chosen = 0;
    terminal.write_line("Which workspace? (arrows, then Enter)")?;
    loop {
        for (index, workspace) in workspaces.iter().enumerate() {
            let mark = if index == chosen { ">" } else { " " };
            terminal.write_line(&format!("{mark} {}", workspace.handle()))?;
        }
        match terminal.read_key()? {
            console::Key::ArrowUp => chosen = chosen.saturating_sub(1),
            console::Key::ArrowDown => chosen = (chosen + 1).min(workspaces.len() - 1),
            console::Key::Enter => return Ok(&workspaces[chosen]),
            console::Key::Escape | console::Key::CtrlC => {
                return Err(io::ErrorKind::Interrupted.into());
            }
            _ => {}
        }
        terminal.clear_last_lines(workspaces.len())?;
    }
}
