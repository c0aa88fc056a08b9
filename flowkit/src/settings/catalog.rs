//! Every setting, as data.

use std::borrow::Cow;

use super::database::mask_password;
use super::nearest::nearest;
use super::value::Kind;
use crate::secret::MASK;
use crate::{Error, Result};

/// One setting: what it is called, what it accepts, what it is when nobody sets it.
#[derive(Debug)]
pub struct Setting {
    /// The name of its environment variable, which profiles use too.
    pub name: &'static str,
    /// What values it accepts.
    pub kind: Kind,
    /// Its value when nobody sets it; may begin with `~/` or `$FLOWKIT_HOME/`.
    pub default: Option<&'static str>,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// Where it can be set.
    pub place: Place,
    /// What it is for, in one line.
    pub doc: &'static str,
}

/// Where a setting can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the environment or in a profile.
    Anywhere,
    /// Only in the environment, since it says where to find the profile.
    Environment,
}

/// Every setting there is, in the order in which a reader wants them.
#[rustfmt::skip]
pub static CATALOG: &[Setting] = &[
    setting("FLOWKIT_HOME", Kind::Path, Some("~/.flowkit"),
        "The folder that flowkit keeps its files in.").in_environment(),
    setting("FLOWKIT_PROFILES_PATH", Kind::Path, Some("$FLOWKIT_HOME/profiles.toml"),
        "The file that profiles are kept in.").in_environment(),
    setting("FLOWKIT_PROFILE", Kind::Text, None,
        "The profile to use instead of the active one.").in_environment(),
    setting("FLOWKIT_API_URL", Kind::Url, None,
        "The API that runs are reported to; without it they are kept in the database."),
    setting("FLOWKIT_API_KEY", Kind::Text, None,
        "The key that the API wants.").secret(),
    setting("FLOWKIT_API_AUTH", Kind::Text, None,
        "User and password, as 'user:password', where the API wants these instead of a key.").secret(),
    setting("FLOWKIT_CLOUD_API_URL", Kind::Url, Some("https://api.prefect.cloud/api"),
        "The API of Prefect Cloud, which `flowkit cloud` asks for workspaces."),
    setting("FLOWKIT_REPORT_WAIT", Kind::Duration, Some("10s"),
        "How long a program waits at its end until its runs are reported to the API."),
    setting("FLOWKIT_DATABASE_URL", Kind::Database, Some("$FLOWKIT_HOME/flowkit.db"),
        "The database that runs are kept in."),
    setting("FLOWKIT_DURABILITY", Kind::Choice(&["process", "power", "relaxed"]), Some("process"),
        "What a finished task survives: death of the process, loss of power, or neither for sure."),
    setting("FLOWKIT_STORAGE_PATH", Kind::Path, Some("$FLOWKIT_HOME/storage"),
        "The folder of the local storage."),
    setting("FLOWKIT_RESULTS_PERSIST", Kind::Bool, Some("true"),
        "Whether results are kept unless a task says otherwise."),
    setting("FLOWKIT_RESULTS_INLINE_BYTES", Kind::Bytes, Some("16KiB"),
        "The largest result that is kept in the database rather than in the storage."),
    setting("FLOWKIT_RESULTS_MAX_BYTES", Kind::Bytes, Some("1GiB"),
        "The largest result that is kept at all."),
    setting("FLOWKIT_TASKS_REFRESH_CACHE", Kind::Bool, Some("false"),
        "Whether tasks run again although a cached result exists."),
    setting("FLOWKIT_LOGGING_LEVEL", Kind::Level, Some("INFO"),
        "The lowest level that is stored and shown."),
    setting("FLOWKIT_LOGGING_TO_CONSOLE", Kind::Bool, Some("true"),
        "Whether logs of runs are shown on the console."),
    setting("FLOWKIT_LOGGING_MAX_LINE_BYTES", Kind::Bytes, None,
        "Where a longer log line is cut; nowhere by default."),
    setting("FLOWKIT_LEASE_DURATION", Kind::Duration, Some("30s"),
        "How long a run is taken for alive after its last heartbeat."),
    setting("FLOWKIT_CANCEL_GRACE", Kind::Duration, Some("30s"),
        "How long a cancelled run may take to stop by itself."),
    setting("FLOWKIT_RETENTION_RUNS", Kind::DurationOrOff, Some("90d"),
        "How long finished runs are kept; 'off' keeps them forever."),
    setting("FLOWKIT_RETENTION_LOGS", Kind::DurationOrOff, Some("30d"),
        "How long logs are kept; 'off' keeps them as long as their run."),
    setting("FLOWKIT_ENCRYPTION_KEY", Kind::Text, None,
        "What blocks are encrypted with; else a key in $FLOWKIT_HOME/encryption.key, made when needed.").secret(),
    setting("FLOWKIT_SERVER_HOST", Kind::Text, Some("127.0.0.1"),
        "The address that the server listens at."),
    setting("FLOWKIT_SERVER_PORT", Kind::Integer, Some("4200"),
        "The port that the server listens at; 0 takes one that is free."),
    setting("FLOWKIT_SERVER_AUTH", Kind::Text, None,
        "User and password, as 'user:password', that the server asks for.").secret(),
    setting("FLOWKIT_SERVER_TLS_CERT", Kind::Path, None,
        "The file of the server's certificates, PEM, its own first; with it the server speaks TLS."),
    setting("FLOWKIT_SERVER_TLS_KEY", Kind::Path, None,
        "The file of the private key to the server's certificate, PEM."),
    setting("FLOWKIT_SERVER_ALLOW_ORIGIN", Kind::Text, None,
        "Pages of other addresses that may ask the server, as 'https://host', parted by commas."),
    setting("FLOWKIT_SERVER_BODY_LIMIT", Kind::Bytes, Some("16MiB"),
        "The largest request that the server reads."),
    setting("FLOWKIT_SERVER_REQUEST_TIMEOUT", Kind::Duration, Some("60s"),
        "How long the server works on a request."),
    setting("FLOWKIT_SERVER_HEADER_TIMEOUT", Kind::Duration, Some("30s"),
        "How long a client may take to say what it wants."),
    setting("FLOWKIT_SERVER_REAPER", Kind::Bool, Some("true"),
        "Whether the server marks runs as Crashed whose processes died."),
    setting("FLOWKIT_SERVER_RETENTION", Kind::Bool, Some("true"),
        "Whether the server deletes what is older than it is kept."),
    setting("FLOWKIT_SERVER_CANCELLING_TIMEOUT", Kind::DurationOrOff, Some("5m"),
        "How long a run may be Cancelling before the server marks it as Cancelled."),
    setting("FLOWKIT_SERVER_PAUSE_TIMEOUTS", Kind::Bool, Some("true"),
        "Whether the server fails runs that were paused for longer than they allow."),
];

const fn setting(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Setting {
    Setting { name, kind, default, secret: false, place: Place::Anywhere, doc }
}

impl Setting {
    /// The setting of this name.
    ///
    /// # Errors
    /// Invalid if there is none; the hint names the nearest one.
    pub fn find(name: &str) -> Result<&'static Self> {
        CATALOG.iter().find(|setting| setting.name == name).ok_or_else(|| unknown(name))
    }

    /// Checks that a value can be used.
    ///
    /// # Errors
    /// Invalid, with what would be accepted.
    pub fn check(&self, value: &str) -> Result<()> {
        if value.is_empty() {
            return Err(Error::invalid(format!("{} has no value", self.name))
                .with_hint(format!("to take it out: flowkit config unset {}", self.name)));
        }
        if self.kind.accepts(value) { Ok(()) } else { Err(self.refuse(value)) }
    }

    /// Refuses a setting that a profile cannot hold.
    pub(super) fn check_place(&self) -> Result<()> {
        match self.place {
            Place::Anywhere => Ok(()),
            Place::Environment => {
                Err(Error::invalid(format!("{} can only be set in the environment", self.name)))
            }
        }
    }

    /// The value as it may be shown to people.
    #[must_use]
    pub fn shown<'a>(&self, value: &'a str) -> Cow<'a, str> {
        match self.kind {
            _ if self.secret => Cow::Borrowed(MASK),
            Kind::Url | Kind::Database => mask_password(value),
            Kind::Text
            | Kind::Bool
            | Kind::Integer
            | Kind::Duration
            | Kind::DurationOrOff
            | Kind::Bytes
            | Kind::Level
            | Kind::Path
            | Kind::Choice(_) => Cow::Borrowed(value),
        }
    }

    pub(super) fn refuse(&self, value: &str) -> Error {
        let error = Error::invalid(format!(
            "{} must be {}, not '{}'",
            self.name,
            self.kind,
            self.shown(value)
        ));
        match self.kind.advice(value) {
            Some(advice) => error.with_hint(advice),
            None => error,
        }
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn in_environment(mut self) -> Self {
        self.place = Place::Environment;
        self
    }
}

fn unknown(name: &str) -> Error {
    let names = CATALOG.iter().map(|setting| without_prefix(setting.name));
    let hint = nearest(without_prefix(&name.to_uppercase()), names).map_or_else(
        || "`flowkit config view --show-defaults` lists every setting".to_owned(),
        |near| format!("did you mean 'FLOWKIT_{near}'?"),
    );
    Error::invalid(format!("unknown setting '{name}'")).with_hint(hint)
}

/// What names are compared by, so that `LOGGING_LEVEL` and `PREFECT_LOGGING_LEVEL` are near and
/// the prefix, which says nothing, makes no names near.
fn without_prefix(name: &str) -> &str {
    name.strip_prefix("PREFECT_").or_else(|| name.strip_prefix("FLOWKIT_")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn every_default_is_accepted_by_its_kind() {
        for setting in CATALOG {
            if let Some(default) = setting.default {
                setting.check(default).expect(setting.name);
            }
        }
    }

    #[test]
    fn unknown_name_suggests_the_nearest() {
        let hint = |name| Setting::find(name).expect_err(name).hint().map(str::to_owned);

        let level = Some("did you mean 'FLOWKIT_LOGGING_LEVEL'?".to_owned());
        assert_eq!(hint("FLOWKIT_LOGING_LEVEL"), level);
        assert_eq!(hint("LOGGING_LEVEL"), level);
        assert_eq!(hint("PREFECT_LOGGING_LEVEL"), level);
        assert_eq!(hint("flowkit_logging_level"), level);
        for far in ["SOMETHING_ELSE", "FOO"] {
            assert_eq!(
                hint(far).as_deref(),
                Some("`flowkit config view --show-defaults` lists every setting")
            );
        }
    }

    #[test]
    fn refused_secret_is_not_echoed() {
        let password = "postgres://me:hunter22@";
        let error = Setting::find("FLOWKIT_API_URL").and_then(|url| url.check(password));

        let error = error.expect_err("it is no http address");

        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(
            error.to_string(),
            "FLOWKIT_API_URL must be an http or https address, not 'postgres://me:********@'"
        );
    }
}
