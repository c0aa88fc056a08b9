//! Session: one connection, what is prepared on it, and how long a lost one is missed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_postgres::{Client, SimpleQueryMessage, Statement};

use super::address::Address;
use super::dialect::translate;
use super::error::explain;
use crate::{Error, Result};

/// The oldest server that is known to understand our statements.
const OLDEST_SERVER: u32 = 12;

/// How many statements are kept prepared; those of filters come in many forms.
const MOST_STATEMENTS: usize = 256;

// A process that is stopped in the middle of a transaction must not hold others up for ever.
const SETUP: &str = "
    SET client_min_messages = warning;
    SET idle_in_transaction_session_timeout = '60s';
    SET lock_timeout = '30s';
    SET jit = off;
    SELECT current_setting('server_encoding'), current_setting('synchronous_commit'),
        current_setting('transaction_read_only')";

/// One connection to the server; it ends with this.
pub(super) struct Session {
    client: Client,
    statements: RefCell<HashMap<Box<str>, Statement>>,
    /// What a commit has to wait for to survive the loss of power.
    pub(super) safe_commit: String,
    /// Moves the bytes.
    _connection: JoinSet<()>,
}

impl Session {
    /// Connects; called in the executor of the thread that will use it.
    pub(super) async fn connect(address: &Address) -> Result<Self> {
        let connected = address.config().connect(address.tls()).await;
        let (client, connection) = connected.map_err(|error| explain(&error))?;
        check_version(connection.parameter("server_version").unwrap_or_default())?;
        let mut driver = JoinSet::new();
        // Its error reaches whoever uses the client.
        driver.spawn(async move { drop(connection.await) });
        let answers = client.simple_query(SETUP).await.map_err(|error| explain(&error))?;
        let facts = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let fact = |index| facts.and_then(|facts| facts.get(index)).unwrap_or_default();
        check_facts(fact(0), fact(2))?;
        // A stronger promise than ours is left as it is.
        let safe_commit = Some(fact(1)).filter(|level| *level != "off").unwrap_or("on").to_owned();
        Ok(Self { client, statements: RefCell::default(), safe_commit, _connection: driver })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The statement, prepared once.
    pub(super) async fn prepare(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(&translate(sql)).await?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= MOST_STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

/// Refuses a server that is too old, from what it calls itself: `15.10 (Debian …)`.
fn check_version(version: &str) -> Result<()> {
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u32>() {
        Ok(major) if major < OLDEST_SERVER => {
            let problem = format!("the server is Postgres {version}, which is too old");
            Err(Error::invalid(problem)
                .with_hint(format!("flowkit needs Postgres {OLDEST_SERVER} or newer")))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn check_facts(encoding: &str, read_only: &str) -> Result<()> {
    if encoding != "UTF8" {
        let problem = format!("the encoding of the database is {encoding}");
        return Err(Error::invalid(problem)
            .with_hint("make one that keeps every letter: createdb -T template0 -E UTF8 NAME"));
    }
    if read_only == "on" {
        return Err(Error::unavailable("the database can only be read")
            .with_hint("name the primary server, not a standby"));
    }
    Ok(())
}

/// How long to wait between attempts to reach a server, and when to give up.
pub(super) struct Backoff {
    next: Duration,
    left: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_secs(1);

    /// Attempts for about that long.
    pub(super) const fn lasting(patience: Duration) -> Self {
        Self { next: Self::FIRST, left: patience }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.left.is_zero()
    }

    /// Waits before the next attempt.
    pub(super) async fn wait(&mut self) {
        let nap = self.next;
        self.left = self.left.saturating_sub(nap);
        self.next = (nap * 2).min(Self::LONGEST);
        pause(nap).await;
    }
}

/// Lets the server come to itself.
#[expect(clippy::disallowed_methods, reason = "nobody tells when a server is back")]
async fn pause(nap: Duration) {
    tokio::time::sleep(nap).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn server_that_is_too_old_is_refused() {
        assert!(check_version("15.10 (Debian 15.10-0+deb12u1)").is_ok());
        assert!(check_version("12beta1").is_ok());
        let error = check_version("9.6.24").expect_err("too old");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.to_string(), "the server is Postgres 9.6.24, which is too old");
    }

    #[test]
    fn database_that_cannot_keep_everything_is_refused() {
        assert!(check_facts("UTF8", "off").is_ok());
        let error = check_facts("LATIN1", "off").expect_err("no otters");
        assert_eq!(error.to_string(), "the encoding of the database is LATIN1");
        let error = check_facts("UTF8", "on").expect_err("a standby");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
