//! `flowkit concurrency-limit`: how many may run at once.

use clap::{Args, Subcommand};
use flowkit::model::{ConcurrencyLimit, LimitScope};
use flowkit::wire::{
    DeleteConcurrencyLimit, FilterConcurrencyLimits, ReadConcurrencyLimit, ResetConcurrencyLimit,
    SetConcurrencyLimit,
};
use flowkit::{Error, ErrorKind, Result};
use serde_json::json;

use crate::global::Global;
use crate::limit::Limit;
use crate::report::Report;
use crate::session::Session;
use crate::table::Column;
use crate::{find, moment};

/// Limit how many task runs with a tag, or holders of a name, may be at work at once
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit concurrency-limit create --tag database 3
  flowkit concurrency-limit create --name license 1
  flowkit concurrency-limit ls")]
pub(crate) enum Command {
    /// Make a limit, or change how many slots it has
    #[command(after_help = "Examples:
  flowkit concurrency-limit create --tag database 3
  flowkit concurrency-limit create --name license 1")]
    Create {
        #[command(flatten)]
        new: New,
        /// How many slots it has; with none nobody gets in
        #[arg(value_name = "SLOTS")]
        limit: u32,
    },

    Ls(Ls),

    /// Show all that is known of a limit
    #[command(after_help = "Examples:
  flowkit concurrency-limit inspect database
  flowkit concurrency-limit inspect --tag database")]
    Inspect(Which),

    /// Remove a limit; whoever waits for it gets in
    #[command(after_help = "Example:
  flowkit concurrency-limit delete --tag database")]
    Delete(Which),

    /// Free all slots of a limit, whoever holds them
    #[command(after_help = "Example:
  flowkit concurrency-limit reset --name license")]
    Reset(Which),
}

/// The limit that is made.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct New {
    /// The limit that task runs with this tag take
    #[arg(long)]
    tag: Option<String>,
    /// The limit that is asked for by this name
    #[arg(long)]
    name: Option<String>,
}

/// The limit that is meant.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The limit of that tag or name, where only one of them has a limit
    #[arg(value_name = "LIMIT")]
    any: Option<String>,
    /// The limit that task runs with this tag take
    #[arg(long)]
    tag: Option<String>,
    /// The limit that is asked for by this name
    #[arg(long)]
    name: Option<String>,
}

/// List the limits, by name
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit concurrency-limit ls
  flowkit concurrency-limit ls --output json")]
pub(crate) struct Ls {
    #[command(flatten)]
    limit: Limit,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Create { new, limit } => create(session, new, limit).await,
            Self::Ls(ls) => ls.run(session).await,
            Self::Inspect(which) => inspect(session, which).await,
            Self::Delete(which) => delete(session, which).await,
            Self::Reset(which) => reset(session, which).await,
        })
    }
}

impl New {
    /// What it is taken by, and the tag or name.
    fn split(self) -> (LimitScope, String) {
        match (self.tag, self.name) {
            (Some(tag), _) => (LimitScope::Tag, tag),
            (None, name) => (LimitScope::Name, name.unwrap_or_default()),
        }
    }
}

impl Which {
    /// What it is taken by, and the tag or name.
    async fn find(self, session: &Session) -> Result<(LimitScope, String)> {
        let Some(wanted) = self.any else {
            return Ok(New { tag: self.tag, name: self.name }.split());
        };
        let known = session.call(FilterConcurrencyLimits::default()).await?;
        let found: Vec<_> = known.iter().filter(|limit| limit.name == wanted).collect();
        match found.as_slice() {
            [limit] => Ok((limit.scope, wanted)),
            [] => {
                let known = known.iter().map(|limit| limit.name.as_str());
                let hint = find::advice(&wanted, known, SHOWS);
                Err(Error::not_found(format!("concurrency limit '{wanted}'")).with_hint(hint))
            }
            [_, ..] => {
                let problem = format!("there is a limit of tag '{wanted}' and one of that name");
                Err(Error::invalid(problem)
                    .with_hint(format!("say --tag {wanted} or --name {wanted}")))
            }
        }
    }
}

/// Where the limits are to be seen.
const SHOWS: &str = "`flowkit concurrency-limit ls` shows the limits";

const fn word(scope: LimitScope) -> &'static str {
    match scope {
        LimitScope::Tag => "tag",
        LimitScope::Name => "name",
    }
}

async fn create(session: &Session, new: New, limit: u32) -> Result<Report> {
    let (scope, name) = new.split();
    let limit = session.call(SetConcurrencyLimit { scope, name, limit }).await?;
    let ConcurrencyLimit { name, limit: slots, .. } = &limit;
    let line = format!("The limit of {} '{name}' is {slots}.", word(scope));
    Ok(Report::of(&limit).line(line))
}

impl Ls {
    async fn run(self, session: &Session) -> Result<Report> {
        let all = FilterConcurrencyLimits {
            page: self.limit.page(),
            ..FilterConcurrencyLimits::default()
        };
        let limits = self.limit.cut(session.call(all).await?);
        let columns = [
            Column::new("NAME", |limit: &ConcurrencyLimit| limit.name.clone()),
            Column::new("TAKEN BY", |limit: &ConcurrencyLimit| word(limit.scope).to_owned()),
            Column::new("SLOTS", |limit: &ConcurrencyLimit| limit.limit.to_string()),
            Column::new("HELD", |limit: &ConcurrencyLimit| limit.active_slots.to_string()),
        ];
        let none = "No concurrency limits.";
        Ok(Report::table(&limits.items, &columns, none).lines(limits.rest))
    }
}

async fn inspect(session: &Session, which: Which) -> Result<Report> {
    let (scope, name) = which.find(session).await?;
    let read = session.call(ReadConcurrencyLimit { scope, name: name.clone() }).await;
    let limit = advised(session, scope, &name, read).await?;
    let now = session.now();
    Ok(Report::of(&limit).fields(&[
        ("Limit", limit.name.clone()),
        ("Taken by", word(scope).to_owned()),
        ("Slots", limit.limit.to_string()),
        ("Held", limit.active_slots.to_string()),
        ("Created", moment::day_and_time(limit.created, now)),
        ("Id", limit.id.to_string()),
    ]))
}

async fn delete(session: &Session, which: Which) -> Result<Report> {
    let (scope, name) = which.find(session).await?;
    let gone = session.call(DeleteConcurrencyLimit { scope, name: name.clone() }).await;
    advised(session, scope, &name, gone).await?;
    Ok(done("Deleted the limit", scope, &name))
}

async fn reset(session: &Session, which: Which) -> Result<Report> {
    let (scope, name) = which.find(session).await?;
    let freed = session.call(ResetConcurrencyLimit { scope, name: name.clone() }).await;
    advised(session, scope, &name, freed).await?;
    Ok(done("Freed all slots", scope, &name))
}

fn done(what: &str, scope: LimitScope, name: &str) -> Report {
    let taken_by = word(scope);
    Report::of(&json!({ "scope": scope, "name": name }))
        .line(format!("{what} of {taken_by} '{name}'."))
}

/// Names the nearest limit to one that does not exist.
async fn advised<T>(
    session: &Session,
    scope: LimitScope,
    name: &str,
    answer: Result<T>,
) -> Result<T> {
    let Err(error) = answer else { return answer };
    if error.kind() != ErrorKind::NotFound {
        return Err(error);
    }
    let all = FilterConcurrencyLimits { scope: Some(scope), ..FilterConcurrencyLimits::default() };
    let known = session.call(all).await?;
    let known = known.iter().map(|limit| limit.name.as_str());
    let hint = find::advice(name, known, SHOWS);
    let what = format!("concurrency limit of {} '{name}'", word(scope));
    Err(Error::not_found(what).with_hint(hint))
}
