//! Peer: what kind of server is at the other end.

use std::fmt;

use serde_json::Value;
use uuid::Uuid;

use super::http::{Http, Trouble};
use crate::api::Server;
use crate::{Error, Result};

/// What kind of server answers at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The kind.
    pub kind: PeerKind,
    /// Its version, where it says one.
    pub version: Option<String>,
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerKind {
    /// One of ours.
    Flowkit,
    /// Prefect Cloud.
    Cloud,
    /// A Prefect server from 3.0.
    Prefect3,
    /// A Prefect server from 2.20 on, before 3.0.
    Prefect2,
    /// A Prefect server before 2.20: without artifacts, pauses, and ids of our own.
    EarlyPrefect2,
}

impl PeerKind {
    /// Says whether it takes task runs as events.
    pub(super) const fn takes_events(self) -> bool {
        matches!(self, Self::Cloud | Self::Prefect3)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            PeerKind::Flowkit => "flowkit server",
            PeerKind::Cloud => "Prefect Cloud",
            PeerKind::Prefect3 | PeerKind::Prefect2 | PeerKind::EarlyPrefect2 => "Prefect server",
        };
        match &self.version {
            Some(version) => write!(f, "{name} {version}"),
            None => f.write_str(name),
        }
    }
}

/// Asks an address what answers there, and whether it lets us in.
///
/// # Errors
/// Unavailable or timeout when nothing answers, refused when it does not let us in, invalid when it
/// is no server that runs can be reported to.
pub async fn recognise(server: &Server) -> Result<Peer> {
    let mut http = Http::new(server)?;
    let found = find(&mut http, &server.url).await;
    let peer = found.map_err(|trouble| explain(trouble, &server.url))?;
    // Any answer to a question that needs the key will do.
    let asked = http.post::<Value>("/flows/filter", &serde_json::json!({ "limit": 1 })).await;
    asked.map_err(|trouble| explain(trouble, &server.url))?;
    Ok(peer)
}

fn explain(trouble: Trouble, url: &str) -> Error {
    match trouble {
        Trouble::Denied => denied(url),
        Trouble::Away { why }
        | Trouble::Busy { why, .. }
        | Trouble::Refused { why }
        | Trouble::Local(why) => why,
    }
}

/// What to do about a server that does not let us in.
pub(super) fn denied(url: &str) -> Error {
    Error::refused(format!("the API at {} does not let us in", crate::settings::mask_password(url)))
        .with_hint("check FLOWKIT_API_KEY, or FLOWKIT_API_AUTH where it wants user:password")
}

/// Finds out what is at the other end.
pub(super) async fn find(http: &mut Http, url: &str) -> Result<Peer, Trouble> {
    if is_cloud(url) {
        return Ok(Peer { kind: PeerKind::Cloud, version: None });
    }
    let said: Result<Value, Trouble> = http.get("/flowkit").await;
    match said {
        Ok(said) => {
            let version = said["version"].as_str().map(str::to_owned);
            return Ok(Peer { kind: PeerKind::Flowkit, version });
        }
        Err(Trouble::Refused { .. }) => {}
        Err(trouble) => return Err(trouble),
    }
    let said: Result<String, Trouble> = http.get("/admin/version").await;
    match said {
        Ok(version) => Ok(Peer { kind: kind_of_version(&version), version: Some(version) }),
        Err(Trouble::Refused { .. }) => {
            let shown = crate::settings::mask_password(url);
            let why = Error::invalid(format!("neither flowkit nor Prefect answers at {shown}"));
            let hint = "FLOWKIT_API_URL is the address of the API; it usually ends with /api";
            Err(Trouble::Refused { why: why.with_hint(hint) })
        }
        Err(trouble) => Err(trouble),
    }
}

fn is_cloud(url: &str) -> bool {
    url.starts_with("https://api.prefect.cloud/") || url.contains("/accounts/")
}

fn kind_of_version(version: &str) -> PeerKind {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0_u32));
    match (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) {
        (3.., _) => PeerKind::Prefect3,
        // What came between the two was not looked at; it takes what the early ones take.
        (2, 20..) => PeerKind::Prefect2,
        _ => PeerKind::EarlyPrefect2,
    }
}

/// The page of a flow run, for people.
pub(super) fn page(kind: PeerKind, url: &str, id: Uuid) -> String {
    let front = url.strip_suffix("/api").unwrap_or(url);
    match kind {
        PeerKind::Flowkit => format!("{front}/flow-runs/{id}"),
        PeerKind::Prefect3 => format!("{front}/runs/flow-run/{id}"),
        PeerKind::Prefect2 | PeerKind::EarlyPrefect2 => {
            format!("{front}/flow-runs/flow-run/{id}")
        }
        PeerKind::Cloud => {
            let front =
                url.replacen("https://api.prefect.cloud/api", "https://app.prefect.cloud", 1);
            let front = front.replacen("/accounts/", "/account/", 1);
            let front = front.replacen("/workspaces/", "/workspace/", 1);
            format!("{front}/runs/flow-run/{id}")
        }
    }
}

impl Peer {
    /// Whether its answers are those of a flowkit server, which the command line can ask.
    #[must_use]
    pub fn is_flowkit(&self) -> bool {
        self.kind == PeerKind::Flowkit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_follows_the_version() {
        assert_eq!(kind_of_version("2.6.5"), PeerKind::EarlyPrefect2);
        assert_eq!(kind_of_version("2.20.26"), PeerKind::Prefect2);
        assert_eq!(kind_of_version("3.8.8"), PeerKind::Prefect3);
        assert_eq!(kind_of_version("3.8.4.dev6"), PeerKind::Prefect3);
    }

    #[test]
    fn every_kind_has_its_page() {
        #[track_caller]
        fn check(kind: PeerKind, url: &str, expected: &str) {
            assert_eq!(
                page(kind, url, Uuid::nil()).replace(&Uuid::nil().to_string(), "ID"),
                expected
            );
        }
        let local = "http://127.0.0.1:4200/api";
        check(PeerKind::Flowkit, local, "http://127.0.0.1:4200/flow-runs/ID");
        check(PeerKind::Prefect3, local, "http://127.0.0.1:4200/runs/flow-run/ID");
        check(PeerKind::Prefect2, local, "http://127.0.0.1:4200/flow-runs/flow-run/ID");
        check(
            PeerKind::Cloud,
            "https://api.prefect.cloud/api/accounts/a1/workspaces/w2",
            "https://app.prefect.cloud/account/a1/workspace/w2/runs/flow-run/ID",
        );
    }
}
