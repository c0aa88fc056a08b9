//! `flowkit config`: the settings of the profile in use.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use flowkit::Result;
use flowkit::settings::{Profiles, Resolved, Setting, Source};
use serde::Serialize;
use serde_json::json;

use crate::global::{Global, Sources};
use crate::report::Report;

/// Show and change the settings of a profile
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit config set FLOWKIT_LOGGING_LEVEL=DEBUG
  flowkit -p demo config unset FLOWKIT_API_KEY
  flowkit config view")]
pub(crate) enum Command {
    /// Set one or more settings in the profile
    #[command(after_help = "Examples:
  flowkit config set FLOWKIT_LOGGING_LEVEL=DEBUG
  flowkit config set FLOWKIT_API_URL=http://127.0.0.1:4200/api FLOWKIT_API_KEY=\"$(cat key)\"")]
    Set {
        /// A setting and its value
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = assignment)]
        assignments: Vec<Assignment>,
    },

    /// Take one or more settings out of the profile
    #[command(after_help = "Example:
  flowkit config unset FLOWKIT_API_URL FLOWKIT_API_KEY")]
    Unset {
        /// A setting
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },

    /// Show the settings in effect and where they come from
    View(View),
}

#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    name: String,
    value: String,
}

fn assignment(text: &str) -> std::result::Result<Assignment, &'static str> {
    let (name, value) = text.split_once('=').ok_or("it is not of the form NAME=VALUE")?;
    Ok(Assignment { name: name.trim().to_owned(), value: value.to_owned() })
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        let sources = global.sources()?;
        match self {
            Self::Set { assignments } => set(&sources, global, &assignments),
            Self::Unset { names } => unset(&sources, global, &names),
            Self::View(view) => view.run(&sources, global),
        }
    }
}

fn set(sources: &Sources, global: &Global, assignments: &[Assignment]) -> Result<Report> {
    let profile = sources.chosen(global)?;
    let values = Profiles::edit(&sources.path, |profiles| {
        let mut values = BTreeMap::new();
        for Assignment { name, value } in assignments {
            profiles.set(&profile, name, value)?;
            values.insert(name.as_str(), Setting::find(name)?.shown(value.trim()));
        }
        Ok(values)
    })?;
    Ok(Report::of(&json!({ "profile": profile, "set": values }))
        .lines(values.iter().map(|(name, value)| format!("Set {name}='{value}'.")))
        .line(format!("Updated profile '{profile}'."))
        .warnings(overridden(sources, values.keys().copied())))
}

fn unset(sources: &Sources, global: &Global, names: &[String]) -> Result<Report> {
    let profile = sources.chosen(global)?;
    Profiles::edit(&sources.path, |profiles| {
        names.iter().try_for_each(|name| profiles.unset(&profile, name))
    })?;
    Ok(Report::of(&json!({ "profile": profile, "unset": names }))
        .lines(names.iter().map(|name| format!("Unset {name}.")))
        .line(format!("Updated profile '{profile}'."))
        .warnings(overridden(sources, names.iter().map(String::as_str))))
}

/// What the environment says otherwise.
fn overridden<'a>(sources: &Sources, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names
        .filter(|name| sources.environment.get(name).is_some())
        .map(|name| {
            format!("the environment variable {name} is set and counts more than a profile")
        })
        .collect()
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit config view
  flowkit config view --show-defaults
  flowkit -p demo config view --output json")]
pub(crate) struct View {
    /// Show also the settings that nobody set, and what each is for
    #[arg(long)]
    show_defaults: bool,
    /// Do not say where each value comes from
    #[arg(long)]
    hide_sources: bool,
}

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    value: Option<String>,
    source: String,
    doc: &'static str,
}

impl From<&Resolved> for Shown {
    fn from(resolved: &Resolved) -> Self {
        let Resolved { setting, value, source } = resolved;
        let value = value.as_deref().map(|value| setting.shown(value).into_owned());
        Self { name: setting.name, value, source: source.to_string(), doc: setting.doc }
    }
}

impl View {
    fn run(&self, sources: &Sources, global: &Global) -> Result<Report> {
        let resolution = sources.resolution(global.profile.as_deref())?;
        let mut settings: Vec<Shown> = resolution
            .settings
            .iter()
            // The profile has a line of its own.
            .filter(|resolved| resolved.setting.name != "FLOWKIT_PROFILE")
            .filter(|resolved| self.show_defaults || resolved.source != Source::Default)
            .map(Shown::from)
            .collect();
        settings.sort_unstable_by_key(|shown| shown.name);
        let profile = &resolution.profile;
        Ok(Report::of(&json!({ "profile": profile, "settings": settings }))
            .line(format!("FLOWKIT_PROFILE='{profile}'"))
            .lines(settings.iter().flat_map(|shown| self.lines(shown)))
            .warnings(resolution.warnings)
            .warnings(resolution.problems))
    }

    /// A line for each setting, and what it is for where all of them are shown.
    fn lines(&self, shown: &Shown) -> Vec<String> {
        let line = self.line(shown);
        if self.show_defaults { vec![format!("# {}", shown.doc), line] } else { vec![line] }
    }

    fn line(&self, Shown { name, value, source, .. }: &Shown) -> String {
        match value {
            Some(value) if self.hide_sources => format!("{name}='{value}'"),
            Some(value) => format!("{name}='{value}' (from {source})"),
            None => format!("{name} is not set"),
        }
    }
}
