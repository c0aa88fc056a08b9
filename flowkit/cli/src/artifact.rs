//! `flowkit artifact`: what runs left for people to look at.

use clap::{Args, Subcommand};
use flowkit::model::{Artifact, ArtifactId, ArtifactKind};
use flowkit::wire::{
    ArtifactFilter, DeleteArtifact, FilterArtifacts, Page, ReadArtifact, ReadLatestArtifact,
};
use flowkit::{Error, ErrorKind, Result};
use serde_json::Value;

use crate::confirm::Confirmation;
use crate::global::Global;
use crate::limit::Limit;
use crate::report::Report;
use crate::session::Session;
use crate::table::Column;
use crate::{counts, find, moment, table};

/// Look at what runs left for people: texts, tables, links, pictures
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit artifact ls --flow-run brave-otter
  flowkit artifact inspect report")]
pub(crate) enum Command {
    Ls(Ls),

    /// Show an artifact; of those with one key the newest
    #[command(after_help = "Examples:
  flowkit artifact inspect report
  flowkit artifact inspect report --output json")]
    Inspect {
        /// The artifact: its id or its key
        #[arg(value_name = "ARTIFACT")]
        name: String,
    },

    /// Remove one artifact by its id, or all with a key
    #[command(after_help = "Examples:
  flowkit artifact delete report --yes
  flowkit artifact delete 0198f3a2-6b1e-7c3d-8f21-5a9e0c4d7b12")]
    Delete {
        /// The artifact: its id or its key
        #[arg(value_name = "ARTIFACT")]
        name: String,
        #[command(flatten)]
        confirmation: Confirmation,
    },
}

/// List artifacts, the newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit artifact ls
  flowkit artifact ls --key report
  flowkit artifact ls --flow-run brave-otter --type table --output json")]
pub(crate) struct Ls {
    /// Only those with this key
    #[arg(long)]
    key: Option<String>,
    /// Only those that this flow run left: its id or its name
    #[arg(long, value_name = "RUN")]
    flow_run: Option<String>,
    /// Only those of this kind: markdown, table, link, progress or image
    #[arg(long = "type", value_name = "KIND")]
    kind: Option<ArtifactKind>,
    #[command(flatten)]
    limit: Limit,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Ls(ls) => ls.run(session).await,
            Self::Inspect { name } => inspect(session, &name).await,
            Self::Delete { name, confirmation } => delete(session, &name, &confirmation).await,
        })
    }
}

impl Ls {
    async fn run(self, session: &Session) -> Result<Report> {
        let mut artifacts = ArtifactFilter {
            key: self.key.map(Into::into),
            kind: self.kind.map(Into::into),
            ..ArtifactFilter::default()
        };
        if let Some(flow_run) = &self.flow_run {
            let named = find::flow_run(session, flow_run).await?;
            artifacts.flow_run_id = Some(vec![named.run.id].into());
        }
        let page = self.limit.page();
        let wanted = FilterArtifacts { artifacts, page, ..FilterArtifacts::default() };
        let artifacts = self.limit.cut(session.call(wanted).await?);
        let now = session.now();
        let columns = [
            Column::new("KEY", |artifact: &Artifact| artifact.key.clone().unwrap_or_default()),
            Column::new("TYPE", |artifact: &Artifact| artifact.kind.to_string()),
            Column::new("CHANGED", move |artifact: &Artifact| moment::ago(artifact.updated, now)),
            Column::new("DESCRIPTION", |artifact: &Artifact| {
                artifact.description.clone().unwrap_or_default()
            }),
            Column::new("ID", |artifact: &Artifact| artifact.id.to_string()).if_room(),
        ];
        let none = "No artifacts.";
        Ok(Report::table(&artifacts.items, &columns, none).lines(artifacts.rest))
    }
}

async fn inspect(session: &Session, name: &str) -> Result<Report> {
    let artifact = read(session, name).await?;
    let now = session.now();
    let mut fields = vec![
        ("Artifact", artifact.key.clone().unwrap_or_default()),
        ("Id", artifact.id.to_string()),
        ("Type", artifact.kind.to_string()),
    ];
    fields.extend(artifact.description.clone().map(|text| ("Shows", text)));
    fields.push(("Changed", moment::day_and_time(artifact.updated, now)));
    fields.extend(artifact.flow_run_id.map(|id| ("Flow run", id.to_string())));
    fields.extend(artifact.task_run_id.map(|id| ("Task run", id.to_string())));
    Ok(Report::of(&artifact).fields(&fields).line("").lines(content(&artifact)))
}

/// The thing itself, as far as a terminal can show it.
fn content(artifact: &Artifact) -> Vec<String> {
    let data = &artifact.data;
    match (&artifact.kind, data) {
        (ArtifactKind::Progress, _) => vec![format!("{data} %")],
        (_, Value::String(text)) => text.lines().map(str::to_owned).collect(),
        (ArtifactKind::Table, Value::Array(rows)) => table(rows),
        _ => format!("{data:#}").lines().map(str::to_owned).collect(),
    }
}

/// Rows with named columns, in the order of the first row.
fn table(rows: &[Value]) -> Vec<String> {
    let names = rows.first().and_then(Value::as_object).into_iter().flat_map(|row| row.keys());
    let columns: Vec<_> = names
        .map(|name| {
            Column::new(name, move |row: &Value| match &row[name] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            })
        })
        .collect();
    table::lines(rows, &columns)
}

async fn delete(session: &Session, name: &str, confirmation: &Confirmation) -> Result<Report> {
    let artifacts = match name.parse::<ArtifactId>() {
        Ok(id) => vec![session.call(ReadArtifact { id }).await?],
        Err(_) => all_with_key(session, name).await?,
    };
    let count = u64::try_from(artifacts.len()).unwrap_or(u64::MAX);
    confirmation.ask(&format!("Delete {} '{name}'?", counts::of(count, "artifact")))?;
    for artifact in &artifacts {
        session.call(DeleteArtifact { id: artifact.id }).await?;
    }
    let line = |artifact: &Artifact| format!("Deleted artifact '{name}' ({}).", artifact.id);
    Ok(Report::of(&artifacts).lines(artifacts.iter().map(line)))
}

async fn all_with_key(session: &Session, key: &str) -> Result<Vec<Artifact>> {
    let with_key = FilterArtifacts {
        artifacts: ArtifactFilter { key: Some(key.to_owned().into()), ..ArtifactFilter::default() },
        page: Page::first(10_000),
        ..FilterArtifacts::default()
    };
    let artifacts = session.call(with_key).await?;
    if artifacts.is_empty() { Err(unknown(session, key).await?) } else { Ok(artifacts) }
}

async fn read(session: &Session, name: &str) -> Result<Artifact> {
    if let Ok(id) = name.parse::<ArtifactId>() {
        return session.call(ReadArtifact { id }).await;
    }
    let newest = session.call(ReadLatestArtifact { key: name.to_owned() }).await;
    match newest {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown(session, name).await?),
        newest => newest,
    }
}

async fn unknown(session: &Session, key: &str) -> Result<Error> {
    let newest =
        session.call(FilterArtifacts { latest: true, ..FilterArtifacts::default() }).await?;
    let known = newest.iter().filter_map(|artifact| artifact.key.as_deref());
    let hint = find::advice(key, known, "`flowkit artifact ls` shows the artifacts");
    Ok(Error::not_found(format!("artifact '{key}'")).with_hint(hint))
}
