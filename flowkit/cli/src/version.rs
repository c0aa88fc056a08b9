//! `flowkit version`: which flowkit this is and what it works with.

use clap::Args;
use flowkit::Result;
use flowkit::settings::{Settings, mask_password};
use serde::Serialize;

use crate::global::Global;
use crate::report::Report;

/// Show which flowkit this is and what it works with
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit version
  flowkit version --output json")]
pub(crate) struct Version {}

#[derive(Serialize)]
struct Facts {
    version: &'static str,
    platform: String,
    profile: Option<String>,
    api_url: Option<String>,
    database_url: Option<String>,
}

impl Version {
    /// Answers also when the settings cannot be used, since it is asked when something is wrong.
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        let (settings, warnings) = match settings(global) {
            Ok(settings) => (Some(settings), Vec::new()),
            Err(error) => (None, vec![error.full_message()]),
        };
        let unset = if settings.is_some() { "not set" } else { "unknown" };
        let facts = Facts {
            version: env!("CARGO_PKG_VERSION"),
            platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            profile: settings.as_ref().map(|settings| settings.profile().to_owned()),
            api_url: settings
                .as_ref()
                .and_then(Settings::api_url)
                .map(|url| mask_password(url).into_owned()),
            database_url: settings.as_ref().map(|settings| settings.database_url().to_string()),
        };
        Ok(Report::of(&facts)
            .fields(&[
                ("Version", facts.version),
                ("Platform", &facts.platform),
                ("Profile", facts.profile.as_deref().unwrap_or("unknown")),
                ("API", facts.api_url.as_deref().unwrap_or(unset)),
                ("Database", facts.database_url.as_deref().unwrap_or("unknown")),
            ])
            .warnings(warnings)
            .warnings(settings.iter().flat_map(Settings::warnings)))
    }
}

fn settings(global: &Global) -> Result<Settings> {
    let sources = global.sources()?;
    let profile = global.profile.as_deref();
    Settings::from_sources(&sources.environment, &sources.profiles, profile)
}
