//! Where runs are kept, as an address.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::secret::{MASK, Secret};

/// The address of the database that runs are kept in.
///
/// Shows itself without its password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A SQLite database that ends with the process.
    Memory,
    /// A Postgres server: the whole address, which may hold a password.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// Reads `sqlite:///path`, `sqlite://path`, `sqlite::memory:`, `postgres://…` or a plain path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let path = match text.split_once("://") {
            Some(("sqlite", path)) => path,
            Some((scheme, rest)) if is_postgres(scheme) && !rest.is_empty() => {
                return Some(Self::Postgres(Secret::new(text)));
            }
            Some(_) => return None,
            None => text.strip_prefix("sqlite:").unwrap_or(text),
        };
        match path {
            "" => None,
            ":memory:" => Some(Self::Memory),
            path => Some(Self::Sqlite(path.into())),
        }
    }

    /// The whole address, with its password, for whoever opens the database.
    #[must_use]
    pub fn expose(&self) -> Cow<'_, str> {
        match self {
            Self::Sqlite(path) => Cow::Owned(format!("sqlite://{}", path.display())),
            Self::Memory => Cow::Borrowed("sqlite::memory:"),
            Self::Postgres(url) => Cow::Borrowed(url.expose()),
        }
    }

    /// The password in the address, if there is one.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        match self {
            Self::Postgres(url) => password(url.expose()).map(|range| &url.expose()[range]),
            Self::Sqlite(_) | Self::Memory => None,
        }
    }
}

/// Says whether that is Postgres; Prefect adds the name of its driver, as in `postgresql+asyncpg`.
fn is_postgres(scheme: &str) -> bool {
    let (kind, _) = scheme.split_once('+').unwrap_or((scheme, ""));
    matches!(kind, "postgres" | "postgresql")
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_password(&self.expose()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for DatabaseUrl {}

/// The address as it may be shown: its password, if it has one, made unreadable.
///
/// ```
/// let shown = flowkit::settings::mask_password("postgres://me:hunter22@db/runs");
/// assert_eq!(shown, "postgres://me:********@db/runs");
/// ```
#[must_use]
pub fn mask_password(url: &str) -> Cow<'_, str> {
    match password(url) {
        Some(range) => Cow::Owned(format!("{}{MASK}{}", &url[..range.start], &url[range.end..])),
        None => Cow::Borrowed(url),
    }
}

/// Where the password stands in `scheme://user:password@host/…?password=…`.
fn password(url: &str) -> Option<Range<usize>> {
    let authority = url.find("://")? + "://".len();
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    // A password may hold an unescaped '@' or '/', so the last '@' of the address ends it.
    let login_end = url[authority..].rfind('@').map(|at| authority + at);
    if let Some(login_end) = login_end
        && let Some(colon) = url[authority..login_end].find(':')
    {
        return Some(authority + colon + 1..login_end);
    }
    let start = end + url[end..].find("password=")? + "password=".len();
    Some(start..url[start..].find('&').map_or(url.len(), |at| start + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_database_is_read() {
        let sqlite = |path: &str| Some(DatabaseUrl::Sqlite(path.into()));
        assert_eq!(DatabaseUrl::parse("sqlite:///data/runs.db"), sqlite("/data/runs.db"));
        assert_eq!(DatabaseUrl::parse("sqlite://runs.db"), sqlite("runs.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:runs.db"), sqlite("runs.db"));
        assert_eq!(DatabaseUrl::parse("/data/runs.db"), sqlite("/data/runs.db"));
        assert_eq!(DatabaseUrl::parse("sqlite::memory:"), Some(DatabaseUrl::Memory));
        assert_eq!(DatabaseUrl::parse("sqlite://:memory:"), Some(DatabaseUrl::Memory));
        let postgres = "postgresql://me@db/runs";
        assert_eq!(
            DatabaseUrl::parse(postgres),
            Some(DatabaseUrl::Postgres(Secret::new(postgres)))
        );
        let prefects = "postgresql+asyncpg://me:pw@db/runs";
        let shown = DatabaseUrl::parse(prefects).map(|url| url.to_string());
        assert_eq!(shown.as_deref(), Some("postgresql+asyncpg://me:********@db/runs"));
        let again = |text| DatabaseUrl::parse(&DatabaseUrl::parse(text)?.expose());
        assert_eq!(again("runs.db"), sqlite("runs.db"));
        assert_eq!(again("sqlite::memory:"), Some(DatabaseUrl::Memory));
        assert_eq!(again(postgres), DatabaseUrl::parse(postgres));
        assert_eq!(DatabaseUrl::parse("mysql://db/runs"), None);
        assert_eq!(DatabaseUrl::parse("sqlite://"), None);
        assert_eq!(DatabaseUrl::parse("postgres://"), None);
    }

    #[test]
    fn password_is_masked_wherever_it_stands() {
        #[track_caller]
        fn check(url: &str, masked: &str) {
            assert_eq!(mask_password(url), masked);
        }
        check("postgres://me:pw@db:5432/runs", "postgres://me:********@db:5432/runs");
        check("postgres://me:p@w/x@db/runs", "postgres://me:********@db/runs");
        check("postgres://db/runs?password=pw&a=b", "postgres://db/runs?password=********&a=b");
        check("postgres://me@db:5432/runs", "postgres://me@db:5432/runs");
        check("https://api.example/x", "https://api.example/x");
        check("/data/runs.db", "/data/runs.db");
    }
}
