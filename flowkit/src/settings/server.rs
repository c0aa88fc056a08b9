//! What the server runs with.

use std::path::PathBuf;
use std::time::Duration;

use super::source::Resolution;
use super::value;
use crate::secret::Secret;
use crate::{Error, Result};

/// What the server runs with: plain values, since the command line changes some of them.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The address that it listens at.
    pub host: String,
    /// The port that it listens at; 0 takes one that is free.
    pub port: u16,
    /// User and password, as `user:password`, that it asks for.
    pub auth: Option<Secret>,
    /// The file of its certificates, its own first.
    pub tls_cert: Option<PathBuf>,
    /// The file of the private key to its certificate.
    pub tls_key: Option<PathBuf>,
    /// Pages of other addresses that may ask it, as `https://host`.
    pub allow_origin: Vec<String>,
    /// The largest request that it reads.
    pub body_limit: u64,
    /// How long it works on a request.
    pub request_timeout: Duration,
    /// How long a client may take to say what it wants.
    pub header_timeout: Duration,
    /// Whether it marks runs as Crashed whose processes died.
    pub reaper: bool,
    /// Whether it deletes what is older than it is kept.
    pub retention: bool,
    /// How long a run may be Cancelling before it is marked as Cancelled; `None` is forever.
    pub cancelling_timeout: Option<Duration>,
    /// Whether it fails runs that were paused for longer than they allow.
    pub pause_timeouts: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 4200,
            auth: None,
            tls_cert: None,
            tls_key: None,
            allow_origin: Vec::new(),
            body_limit: 16 << 20,
            request_timeout: Duration::from_secs(60),
            header_timeout: Duration::from_secs(30),
            reaper: true,
            retention: true,
            cancelling_timeout: Some(Duration::from_secs(300)),
            pause_timeouts: true,
        }
    }
}

impl ServerSettings {
    pub(super) fn of(resolved: &Resolution) -> Result<Self> {
        let settings = Self {
            host: resolved.required("FLOWKIT_SERVER_HOST", text)?,
            port: resolved.required("FLOWKIT_SERVER_PORT", |text| text.parse().ok())?,
            auth: resolved.optional("FLOWKIT_SERVER_AUTH", value::secret)?,
            tls_cert: resolved.optional("FLOWKIT_SERVER_TLS_CERT", value::path)?,
            tls_key: resolved.optional("FLOWKIT_SERVER_TLS_KEY", value::path)?,
            allow_origin: resolved
                .optional("FLOWKIT_SERVER_ALLOW_ORIGIN", list)?
                .unwrap_or_default(),
            body_limit: resolved.required("FLOWKIT_SERVER_BODY_LIMIT", value::bytes)?,
            request_timeout: resolved
                .required("FLOWKIT_SERVER_REQUEST_TIMEOUT", value::duration)?,
            header_timeout: resolved.required("FLOWKIT_SERVER_HEADER_TIMEOUT", value::duration)?,
            reaper: resolved.required("FLOWKIT_SERVER_REAPER", value::boolean)?,
            retention: resolved.required("FLOWKIT_SERVER_RETENTION", value::boolean)?,
            cancelling_timeout: resolved
                .required("FLOWKIT_SERVER_CANCELLING_TIMEOUT", value::duration_or_off)?,
            pause_timeouts: resolved.required("FLOWKIT_SERVER_PAUSE_TIMEOUTS", value::boolean)?,
        };
        let is_pair = |auth: &Secret| {
            auth.expose()
                .split_once(':')
                .is_some_and(|(user, password)| !user.is_empty() && !password.is_empty())
        };
        if !settings.auth.as_ref().is_none_or(is_pair) {
            let problem = "FLOWKIT_SERVER_AUTH must be 'user:password'";
            return Err(Error::invalid(problem));
        }
        Ok(settings)
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn list(text: &str) -> Option<Vec<String>> {
    let parts = text.split(',').map(|part| part.trim().trim_end_matches('/').to_owned());
    Some(parts.filter(|part| !part.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Profiles, Settings};
    use super::*;

    fn load(name: &str, value: &str) -> Result<ServerSettings> {
        let environment = Environment::of([("HOME", "/home/me"), (name, value)]);
        let settings = Settings::from_sources(&environment, &Profiles::default(), None)?;
        Ok(settings.server().clone())
    }

    #[test]
    fn origins_are_parted_by_commas() {
        let settings =
            load("FLOWKIT_SERVER_ALLOW_ORIGIN", "https://a/, http://b:1").expect("valid");
        assert_eq!(settings.allow_origin, ["https://a", "http://b:1"]);
    }

    #[test]
    fn auth_of_prefect_counts_where_ours_is_absent() {
        let settings = load("PREFECT_SERVER_API_AUTH_STRING", "me:pw-of-this-test").expect("valid");
        assert_eq!(settings.auth.expect("there is one").expose(), "me:pw-of-this-test");
    }

    #[test]
    fn auth_without_a_password_is_refused_and_not_echoed() {
        for half in ["admin-of-this-test", "admin-of-this-test:", ":pw-of-this-test"] {
            let error = load("FLOWKIT_SERVER_AUTH", half).expect_err("half of it");
            assert_eq!(error.to_string(), "FLOWKIT_SERVER_AUTH must be 'user:password'");
        }
    }

    #[test]
    fn port_is_one() {
        assert!(load("FLOWKIT_SERVER_PORT", "70000").is_err());
    }
}
