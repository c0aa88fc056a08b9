//! `flowkit api-key`: keys that let programs ask a server.

use std::time::Duration;

use clap::{Args, Subcommand};
use flowkit::model::ApiKey;
use flowkit::wire::{CreateApiKey, FilterApiKeys, Page, RevokeApiKey};
use flowkit::{Error, ErrorKind, Result, Timestamp, settings};
use serde_json::json;

use crate::global::Global;
use crate::limit::Limit;
use crate::report::Report;
use crate::session::Session;
use crate::table::Column;
use crate::{find, moment};

/// Make keys that let programs ask a server, and take them back
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit api-key create laptop
  flowkit api-key ls
  flowkit api-key revoke laptop")]
pub(crate) enum Command {
    Create(Create),
    Ls(Ls),

    /// Take a key back: from then on it opens nothing
    #[command(after_help = "Example:
  flowkit api-key revoke laptop")]
    Revoke {
        /// What it is called
        name: String,
    },
}

/// Make a key; it is shown once and kept nowhere
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit api-key create laptop
  flowkit api-key create ci --expires 30d")]
pub(crate) struct Create {
    /// What it is called
    name: String,
    /// How long it opens; for ever by default
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires: Option<Duration>,
}

/// List the keys, by name
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit api-key ls
  flowkit api-key ls --output json")]
pub(crate) struct Ls {
    #[command(flatten)]
    limit: Limit,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    settings::duration(text).ok_or("say a duration such as '12h' or '30d'")
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Create(create) => create.run(session).await,
            Self::Ls(ls) => ls.run(session).await,
            Self::Revoke { name } => revoke(session, name).await,
        })
    }
}

impl Create {
    async fn run(self, session: &Session) -> Result<Report> {
        let expires = self.expires.map(|span| session.now() + span);
        let made = session.call(CreateApiKey { name: self.name, expires }).await?;
        let name = &made.key.name;
        Ok(Report::of(&made)
            .line(format!("Made API key '{name}'. It is shown this once:"))
            .line("")
            .line(format!("  {}", made.secret))
            .line("")
            .line("Programs show it with: flowkit config set FLOWKIT_API_KEY=…"))
    }
}

impl Ls {
    async fn run(self, session: &Session) -> Result<Report> {
        let keys = session.call(FilterApiKeys { page: self.limit.page() }).await?;
        let keys = self.limit.cut(keys);
        let now = session.now();
        let columns = [
            Column::new("NAME", |key: &ApiKey| key.name.clone()),
            Column::new("CREATED", |key: &ApiKey| moment::ago(key.created, now)),
            Column::new("ENDS", |key: &ApiKey| ends(key.expires, now)),
        ];
        Ok(Report::table(&keys.items, &columns, "No API keys.").lines(keys.rest))
    }
}

fn ends(expires: Option<Timestamp>, now: Timestamp) -> String {
    match expires {
        None => "never".to_owned(),
        Some(then) if then <= now => format!("ended {}", moment::ago(then, now)),
        Some(then) => moment::ago(then, now),
    }
}

async fn revoke(session: &Session, name: String) -> Result<Report> {
    match session.call(RevokeApiKey { name: name.clone() }).await {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let known = session.call(FilterApiKeys { page: Page::default() }).await?;
            let known = known.iter().map(|key| key.name.as_str());
            let hint = find::advice(&name, known, "`flowkit api-key ls` shows the keys");
            return Err(Error::not_found(format!("API key '{name}'")).with_hint(hint));
        }
        Err(error) => return Err(error),
    }
    Ok(Report::of(&json!({ "name": name })).line(format!("Revoked API key '{name}'.")))
}
