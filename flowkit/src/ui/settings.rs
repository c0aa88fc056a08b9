//! Settings: what this server runs with, secrets hidden.

use askama::Template;
use axum::extract::State as Shared;

use super::frame::{Answer, Frame, Section, show};
use crate::Result;
use crate::api::Client;
use crate::settings::{DatabaseUrl, Environment, Profiles, Resolution, Resolved};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    version: &'static str,
    platform: String,
    profile: String,
    database: String,
    database_kind: &'static str,
    schema: Option<u32>,
    runs_kept: String,
    logs_kept: String,
    settings: Vec<Row>,
    warnings: Vec<String>,
}

struct Row {
    name: &'static str,
    value: Option<String>,
    source: String,
    doc: &'static str,
}

/// The page of settings.
pub(super) async fn page(Shared(client): Shared<Client>) -> Answer {
    let resolution = resolution()?;
    let value = |name: &str| value(&resolution, name).unwrap_or_default();
    let url = DatabaseUrl::parse(&value("FLOWKIT_DATABASE_URL"));
    let kind = match &url {
        Some(DatabaseUrl::Sqlite(_)) => "SQLite",
        Some(DatabaseUrl::Memory) => "SQLite, in memory",
        Some(DatabaseUrl::Postgres(_)) => "Postgres",
        None => "unknown",
    };
    show(&SettingsPage {
        frame: Frame::new(Section::Settings, "Settings"),
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        profile: resolution.profile.clone(),
        database: url.map(|url| url.to_string()).unwrap_or_default(),
        database_kind: kind,
        schema: client.schema_version().await.ok(),
        runs_kept: kept(&value("FLOWKIT_RETENTION_RUNS"), "forever"),
        logs_kept: kept(&value("FLOWKIT_RETENTION_LOGS"), "as long as their run"),
        settings: resolution.settings.iter().map(Row::new).collect(),
        warnings: resolution.warnings.clone(),
    })
}

/// The settings of this process, as its environment and its profile say.
fn resolution() -> Result<Resolution> {
    let environment = Environment::read()?;
    let profiles = Profiles::read(&environment.profiles_path()?)?;
    Resolution::of(&environment, &profiles, None)
}

fn value(resolution: &Resolution, name: &str) -> Option<String> {
    let found = resolution.settings.iter().find(|resolved| resolved.setting.name == name);
    found?.value.clone()
}

fn kept(value: &str, otherwise: &str) -> String {
    if value == "off" { otherwise.to_owned() } else { value.to_owned() }
}

impl Row {
    fn new(resolved: &Resolved) -> Self {
        let Resolved { setting, value, source } = resolved;
        let value = value.as_deref().map(|value| setting.shown(value).into_owned());
        Self { name: setting.name, value, source: source.to_string(), doc: setting.doc }
    }
}
