//! `flowkit profile`: named sets of settings, one of them active.

use std::collections::BTreeMap;

use clap::Subcommand;
use flowkit::settings::{Profiles, Setting, Settings, mask_password};
use flowkit::{Result, secret};
use serde::Serialize;
use serde_json::json;

use crate::global::{Global, Sources};
use crate::report::Report;
use crate::session;
use crate::table::Column;

/// Keep several sets of settings and switch between them
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit profile create demo
  flowkit profile use demo
  flowkit profile ls")]
pub(crate) enum Command {
    /// Add a profile
    #[command(after_help = "Examples:
  flowkit profile create demo
  flowkit profile create staging --from demo")]
    Create {
        /// What to call it
        name: String,
        /// Copy the settings of this profile
        #[arg(long, value_name = "NAME")]
        from: Option<String>,
    },

    /// Make a profile the active one
    #[command(after_help = "Example:
  flowkit profile use demo")]
    Use {
        /// The profile to use from now on
        name: String,
    },

    /// List the profiles
    #[command(after_help = "Examples:
  flowkit profile ls
  flowkit profile ls --output json")]
    Ls,

    /// Show what a profile sets
    #[command(after_help = "Examples:
  flowkit profile inspect
  flowkit profile inspect demo")]
    Inspect {
        /// The profile; the one in use if none is named
        name: Option<String>,
    },

    /// Give a profile another name
    #[command(after_help = "Example:
  flowkit profile rename demo staging")]
    Rename {
        /// Its name
        name: String,
        /// Its new name
        new_name: String,
    },

    /// Remove a profile that is not active
    #[command(after_help = "Example:
  flowkit profile delete demo")]
    Delete {
        /// The profile to remove
        name: String,
    },
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        let sources = global.sources()?;
        match self {
            Self::Create { name, from } => create(&sources, &name, from.as_deref()),
            Self::Use { name } => activate(&sources, &name),
            Self::Ls => Ok(ls(&sources, global)),
            Self::Inspect { name } => {
                let name = name.map_or_else(|| sources.chosen(global), Ok)?;
                inspect(&sources, &name)
            }
            Self::Rename { name, new_name } => rename(&sources, &name, &new_name),
            Self::Delete { name } => delete(&sources, &name),
        }
    }
}

fn create(sources: &Sources, name: &str, from: Option<&str>) -> Result<Report> {
    Profiles::edit(&sources.path, |profiles| profiles.create(name, from))?;
    let copied = from.map(|from| format!(" from '{from}'")).unwrap_or_default();
    Ok(Report::of(&json!({ "name": name, "from": from }))
        .line(format!("Created profile '{name}'{copied}."))
        .fields(&[
            ("  Use it from now on:", format!("flowkit profile use {name}")),
            ("  Use it for one command:", format!("flowkit -p {name} config view")),
        ]))
}

fn activate(sources: &Sources, name: &str) -> Result<Report> {
    let profiles = Profiles::edit(&sources.path, |profiles| {
        profiles.activate(name)?;
        Ok(profiles.clone())
    })?;
    let settings = match Settings::from_sources(&sources.environment, &profiles, Some(name)) {
        Ok(settings) => settings,
        Err(problem) => {
            let report = Report::of(&json!({ "active": name }));
            return Ok(report.line(active(name)).warnings([problem]));
        }
    };
    let report = connection(name, &settings);
    let other = sources.environment.get("FLOWKIT_PROFILE").filter(|other| *other != name);
    let still = |other| format!("the environment variable FLOWKIT_PROFILE still says '{other}'");
    Ok(report.warnings(other.map(still)))
}

fn active(name: &str) -> String {
    format!("Profile '{name}' is active now.")
}

/// What answers where the profile's runs are reported.
fn connection(name: &str, settings: &Settings) -> Report {
    let Some(url) = settings.api_url().map(mask_password) else {
        let database = settings.database_url();
        return Report::of(&json!({ "active": name }))
            .line(active(name))
            .line(format!("It sets no API: runs are kept in {database}"));
    };
    let found = session::probe(settings);
    let (line, warning) = match &found {
        Some(Ok(peer)) => (format!("Its runs are reported to the {peer} at {url}"), None),
        Some(Err(problem)) => (format!("Its runs are reported to {url}"), Some(problem.clone())),
        None => (format!("Its runs are reported to {url}"), None),
    };
    let peer = found.and_then(Result::ok).map(|peer| peer.to_string());
    let report = Report::of(&json!({ "active": name, "api_url": url, "server": peer }));
    let hint = warning.as_ref().and_then(|problem| problem.hint().map(str::to_owned));
    let warning = warning.map(|problem| match hint {
        Some(hint) => format!("{}; {hint}", problem.full_message()),
        None => problem.full_message(),
    });
    report.line(active(name)).line(line).warnings(warning)
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    active: bool,
    api_url: Option<String>,
}

fn ls(sources: &Sources, global: &Global) -> Report {
    // The list is what helps when the chosen profile does not exist.
    let (chosen, problem) = match sources.chosen(global) {
        Ok(chosen) => (Some(chosen), None),
        Err(problem) => (None, Some(problem)),
    };
    let row = |name| Row {
        name,
        active: chosen.as_deref() == Some(name),
        api_url: sources.profiles.get(name).ok().and_then(|profile| {
            profile.get("FLOWKIT_API_URL").map(|url| shown("FLOWKIT_API_URL", url))
        }),
    };
    let rows: Vec<Row<'_>> = sources.profiles.names().map(row).collect();
    let columns = [
        Column::new("ACTIVE", |row: &Row<'_>| if row.active { "*" } else { "" }.to_owned()),
        Column::new("NAME", |row: &Row<'_>| row.name.to_owned()),
        Column::new("API", |row: &Row<'_>| row.api_url.clone().unwrap_or("-".to_owned())),
    ];
    Report::table(&rows, &columns, "No profiles.").warnings(problem)
}

fn inspect(sources: &Sources, name: &str) -> Result<Report> {
    let profile = sources.profiles.get(name)?;
    let settings: BTreeMap<&str, String> =
        profile.iter().map(|(name, value)| (name.as_str(), shown(name, value))).collect();
    let report = Report::of(&json!({ "name": name, "settings": settings }));
    if profile.is_empty() {
        return Ok(report.line(format!("Profile '{name}' sets nothing.")));
    }
    Ok(report.lines(settings.iter().map(|(name, value)| format!("{name}='{value}'"))))
}

/// The value as people may see it; one without a setting may be a misspelt secret.
fn shown(name: &str, value: &str) -> String {
    Setting::find(name)
        .map_or_else(|_| secret::MASK.to_owned(), |setting| setting.shown(value).into_owned())
}

fn rename(sources: &Sources, name: &str, new_name: &str) -> Result<Report> {
    Profiles::edit(&sources.path, |profiles| profiles.rename(name, new_name))?;
    Ok(Report::of(&json!({ "name": new_name, "old_name": name }))
        .line(format!("Profile '{name}' is called '{new_name}' now.")))
}

fn delete(sources: &Sources, name: &str) -> Result<Report> {
    Profiles::edit(&sources.path, |profiles| profiles.delete(name))?;
    Ok(Report::of(&json!({ "deleted": name })).line(format!("Deleted profile '{name}'.")))
}
