//! `flowkit database`: the database that runs are kept in.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use flowkit::model::{RunCounts, StateType};
use flowkit::settings::DatabaseUrl;
use flowkit::wire::CountFlowRuns;
use flowkit::{Error, Result};
use serde::Serialize;
use serde_json::json;

use crate::confirm::Confirmation;
use crate::counts;
use crate::global::Global;
use crate::report::Report;
use crate::session::Session;

/// Look after the database that runs are kept in
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit database info
  flowkit database vacuum
  flowkit database reset --yes")]
pub(crate) enum Command {
    /// Show where the database is and how large it is
    #[command(after_help = "Examples:
  flowkit database info
  flowkit database info --output json")]
    Info,

    /// Bring the tables up to date; every program that opens the database does so, too
    #[command(after_help = "Example:
  flowkit database upgrade")]
    Upgrade,

    /// Give the room that deleted runs took back to the disk
    #[command(after_help = "Example:
  flowkit database vacuum")]
    Vacuum,

    Reset(Reset),
}

/// Delete everything: flows, runs, logs, artifacts, variables, limits
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit database reset
  flowkit database reset --yes")]
pub(crate) struct Reset {
    /// Delete also flow runs that have not ended
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run_here(global, async |session| match self {
            Self::Info => info(session).await,
            Self::Upgrade => upgrade(session).await,
            Self::Vacuum => vacuum(session).await,
            Self::Reset(reset) => reset.run(session).await,
        })
    }
}

#[derive(Serialize)]
struct Info {
    database: String,
    schema_version: u32,
    size_bytes: Option<u64>,
    flow_runs: RunCounts,
}

async fn info(session: &Session) -> Result<Report> {
    let database = session.settings().database_url();
    let info = Info {
        database: database.to_string(),
        schema_version: session.client().schema_version().await?,
        size_bytes: size(database),
        flow_runs: session.call(CountFlowRuns::default()).await?,
    };
    let mut fields =
        vec![("Database", info.database.clone()), ("Schema", info.schema_version.to_string())];
    fields.extend(info.size_bytes.map(|bytes| ("Size", readable(bytes))));
    let runs = counts::line(&info.flow_runs);
    fields.push(("Flow runs", if runs.is_empty() { "none".to_owned() } else { runs }));
    Ok(Report::of(&info).fields(&fields))
}

async fn upgrade(session: &Session) -> Result<Report> {
    let database = session.settings().database_url();
    let schema_version = session.client().schema_version().await?;
    let up_to_date = json!({ "database": database.to_string(), "schema_version": schema_version });
    Ok(Report::of(&up_to_date)
        .line(format!("The tables of {database} are up to date (schema {schema_version}).")))
}

async fn vacuum(session: &Session) -> Result<Report> {
    let database = session.settings().database_url();
    let before = size(database);
    session.client().vacuum().await?;
    let after = size(database);
    let said = match (before, after) {
        (Some(before), Some(after)) => {
            format!("{database} took {} and takes {} now.", readable(before), readable(after))
        }
        (_, _) => format!("Vacuumed {database}."),
    };
    Ok(Report::of(&json!({ "size_bytes_before": before, "size_bytes": after })).line(said))
}

impl Reset {
    async fn run(self, session: &Session) -> Result<Report> {
        let runs = session.call(CountFlowRuns::default()).await?;
        if !self.force {
            refuse_running(&runs)?;
        }
        let database = session.settings().database_url();
        let count = counts::of(runs.total(), "flow run");
        let question = format!("Delete {count} and everything else in {database}?");
        self.confirmation.ask(&question)?;
        session.client().reset().await?;
        Ok(Report::of(
            &json!({ "database": database.to_string(), "deleted_flow_runs": runs.total() }),
        )
        .line(format!("Deleted everything in {database}.")))
    }
}

fn refuse_running(runs: &RunCounts) -> Result<()> {
    let running = [StateType::Running, StateType::Cancelling, StateType::Paused];
    match running.into_iter().map(|kind| runs.of(kind)).sum() {
        0 => Ok(()),
        running => {
            let running = counts::of(running, "flow run");
            Err(Error::refused(format!("{running} did not end yet"))
                .with_hint("`flowkit flow-run ls --state running` shows what runs; or use --force"))
        }
    }
}

/// How many bytes the files of a database take.
fn size(database: &DatabaseUrl) -> Option<u64> {
    match database {
        DatabaseUrl::Sqlite(path) => {
            let files = [path.clone(), beside(path, "-wal"), beside(path, "-shm")];
            let sizes = files.iter().filter_map(|file| Some(file.metadata().ok()?.len()));
            Some(sizes.sum())
        }
        DatabaseUrl::Memory | DatabaseUrl::Postgres(_) => None,
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// `512 B`, `3.4 MB`.
fn readable(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}
