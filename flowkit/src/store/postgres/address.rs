//! Address: which server, which database, and how far its certificate is trusted.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{self, Trust};
use crate::settings::mask_password;
use crate::{Error, Result};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// After how long a server that acknowledges nothing is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// A database of a Postgres server, and how to get there. Shows itself without its password.
pub(super) struct Address {
    config: Config,
    tls: MakeRustlsConnect,
    shown: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Address {
    /// Reads `postgresql://user:password@host:port/database?sslmode=…`.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let shown = mask_password(url).into_owned();
        let Parts { plain, mode, root } = Parts::of(url);
        let mut config: Config = plain.parse().map_err(|error: tokio_postgres::Error| {
            Error::invalid(format!("the address '{shown}' cannot be read"))
                .with_source(crate::error::story(&error))
                .with_hint("postgresql://user:password@host:5432/database, where letters like @ and / of a password are written as %40 and %2F")
        })?;
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("flowkit");
        }
        config.keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        let (mode, trust) = of_mode(mode.as_deref().unwrap_or("prefer"), root.as_deref())?;
        config.ssl_mode(mode);
        Ok(Self { config, tls: tls::connector(&trust)?, shown })
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// The command that makes the database.
    pub(super) fn how_to_create(&self) -> String {
        let mut command = "make it: createdb".to_owned();
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => command += &format!(" -h {host}"),
            Some(Host::Unix(folder)) => command += &format!(" -h {}", folder.display()),
            None => {}
        }
        if let Some(port) = self.config.get_ports().first() {
            command += &format!(" -p {port}");
        }
        if let Some(user) = self.config.get_user() {
            command += &format!(" -U {user}");
        }
        if let Some(name) = self.config.get_dbname() {
            command += &format!(" {name}");
        }
        command
    }
}

/// What `sslmode` asks for, in the words of libpq.
fn of_mode(mode: &str, root: Option<&str>) -> Result<(SslMode, Trust)> {
    Ok(match mode {
        "disable" => (SslMode::Disable, Trust::Anybody),
        "prefer" | "allow" => (SslMode::Prefer, Trust::Anybody),
        "require" => (SslMode::Require, Trust::Anybody),
        "verify-full" => (
            SslMode::Require,
            match root {
                None | Some("system") => Trust::Platform,
                Some(path) => Trust::File(PathBuf::from(path)),
            },
        ),
        other => {
            let problem = format!("there is no sslmode '{other}'");
            return Err(
                Error::invalid(problem).with_hint("it is disable, prefer, require or verify-full")
            );
        }
    })
}

/// An address taken apart: what the driver understands, and what is ours.
struct Parts {
    plain: String,
    mode: Option<String>,
    root: Option<String>,
}

impl Parts {
    fn of(url: &str) -> Self {
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        // A password may hold any letter; the last '@' in front of the host ends it.
        let host_end = rest.rfind('@').map_or(0, |at| at);
        let (login, place) = rest.split_at(host_end);
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let (mut mode, mut root, mut others) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                // `ssl` is what asyncpg calls it.
                Some(("sslmode" | "ssl", value)) => mode = Some(value.to_owned()),
                Some(("sslrootcert", value)) => root = Some(decode(value)),
                Some(_) | None => others.push(parameter),
            }
        }
        let plain = format!("postgresql://{}{place}?{}", encode(login), others.join("&"));
        Self { plain, mode, root }
    }
}

/// The login without letters that would end it too early.
fn encode(login: &str) -> String {
    login.replace('@', "%40").replace('/', "%2F").replace('?', "%3F")
}

/// A text whose letters may be written as `%2F`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| byte == b'%') {
            Some(letter) => {
                bytes.push(letter);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_read() {
        let read = |url: &str| Address::parse(url).map(|address| address.config);
        let config = read("postgresql+asyncpg://me:p%40w@db:5433/runs?ssl=require").expect("read");
        assert_eq!(config.get_user(), Some("me"));
        assert_eq!(config.get_password(), Some(&b"p@w"[..]));
        assert_eq!((config.get_dbname(), config.get_ports()), (Some("runs"), &[5433][..]));
        assert_eq!(config.get_hosts(), [Host::Tcp("db".into())]);
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        let config = read("postgres://me:p@w/x?@db/runs?connect_timeout=3").expect("read");
        assert_eq!(config.get_password(), Some(&b"p@w/x?"[..]));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
        let config = read("postgresql:///runs?host=/run/postgresql").expect("read");
        assert_eq!(config.get_hosts(), [Host::Unix("/run/postgresql".into())]);
        assert_eq!(read("postgresql:///runs").expect("read").get_hosts().len(), 1);
    }

    #[test]
    fn wrong_address_is_explained_without_its_password() {
        let check = |url: &str, expected: &str| {
            let error = Address::parse(url).err().expect("it cannot be read");
            let told = format!("{error:?}");
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("hunter22"), "{told}");
        };
        check("postgresql://me:hunter22@db:port/runs", "invalid value for option `port`");
        check("postgresql://me:hunter22@db/runs?colour=red", "unknown option `colour`");
        check("postgresql://me:hunter22@db/runs?sslmode=verify", "no sslmode 'verify'");
        let missing = "postgresql://me@db/runs?sslmode=verify-full&sslrootcert=%2Fno%2Fsuch.pem";
        check(missing, "'/no/such.pem'");
    }

    #[test]
    fn database_that_is_missing_can_be_made() {
        let address = Address::parse("postgres://me:hunter22@db:5433/runs").expect("read");
        assert_eq!(address.how_to_create(), "make it: createdb -h db -p 5433 -U me runs");
        assert_eq!(address.to_string(), "postgres://me:********@db:5433/runs");
    }
}
