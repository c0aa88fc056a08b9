//! Options: what a server runs with, checked before it listens.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderValue;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::guard::authority;
use crate::api::Client;
use crate::settings::ServerSettings;
use crate::{Error, Result};

/// What requests are held against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    origins: Arc<[String]>,
}

impl Options {
    pub(super) fn of(settings: &ServerSettings) -> Result<Self> {
        for origin in &settings.allow_origin {
            let is_address = ["http://", "https://"].iter().any(|scheme| {
                origin
                    .strip_prefix(scheme)
                    .is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
            });
            if !is_address || HeaderValue::from_str(origin).is_err() {
                return Err(Error::invalid(format!("'{origin}' is not the address of a site"))
                    .with_hint("say it as a browser does: https://host or http://host:port"));
            }
        }
        Ok(Self { origins: settings.allow_origin.clone().into() })
    }

    pub(super) fn origins(&self) -> impl Iterator<Item = HeaderValue> + '_ {
        self.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())
    }

    pub(super) fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }

    pub(super) fn allows_host(&self, host: &str) -> bool {
        self.origins.iter().any(|allowed| authority(allowed) == Some(host))
    }
}

/// Where to listen; a name is looked up.
pub(super) async fn address(settings: &ServerSettings) -> Result<SocketAddr> {
    let (host, port) = (settings.host.as_str(), settings.port);
    let unknown = || {
        Error::invalid(format!("'{host}' is not an address to listen at"))
            .with_hint("127.0.0.1 is this machine alone, 0.0.0.0 is every network it is in")
    };
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    let mut found = tokio::net::lookup_host((host, port)).await.map_err(|_| unknown())?;
    found.next().ok_or_else(unknown)
}

/// Refuses to let everybody in whom a network lets through.
pub(super) async fn check_exposure(
    settings: &ServerSettings,
    address: SocketAddr,
    client: &Client,
) -> Result<()> {
    if address.ip().is_loopback() || settings.auth.is_some() || client.has_keys().await? {
        return Ok(());
    }
    let problem = format!("anybody who reaches {address} could read and change everything");
    Err(Error::refused(problem).with_hint(
        "make a key: flowkit api-key create NAME; or set FLOWKIT_SERVER_AUTH to 'user:password'",
    ))
}

/// What speaks TLS, if the settings name a certificate.
pub(super) fn tls(settings: &ServerSettings) -> Result<Option<TlsAcceptor>> {
    let (cert, key) = match (&settings.tls_cert, &settings.tls_key) {
        (None, None) => return Ok(None),
        (Some(cert), Some(key)) => (cert, key),
        (Some(_), None) | (None, Some(_)) => {
            return Err(Error::invalid("a certificate and its key belong together")
                .with_hint("name both: --tls-cert FILE --tls-key FILE"));
        }
    };
    let unusable = |what: &str, path: &std::path::Path| {
        Error::invalid(format!("the {what} {} cannot be used", path.display()))
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable("certificate", cert).with_source(error))?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| unusable("private key", key).with_source(error))?;
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_no_client_auth())
        .and_then(|builder| builder.with_single_cert(chain, secret))
        .map_err(|error| unusable("certificate", cert).with_source(error))?;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Profiles, Settings};

    fn settings(set: &[(&str, &str)]) -> ServerSettings {
        let environment = Environment::of([("HOME", "/home/me")].iter().chain(set).copied());
        let settings = Settings::from_sources(&environment, &Profiles::default(), None);
        settings.expect("usable").server().clone()
    }

    #[test]
    fn only_sites_are_origins() {
        for wrong in ["*", "host", "https://", "https://host/path", "ftp://host"] {
            let settings = settings(&[("FLOWKIT_SERVER_ALLOW_ORIGIN", wrong)]);
            assert!(Options::of(&settings).is_err(), "{wrong}");
        }
        let settings = settings(&[("FLOWKIT_SERVER_ALLOW_ORIGIN", "https://a:8443")]);
        let options = Options::of(&settings).expect("usable");
        assert!(options.allows("https://a:8443") && options.allows_host("a:8443"));
        assert!(!options.allows("http://a:8443") && !options.allows_host("a"));
    }

    #[test]
    fn certificate_without_a_key_is_refused() {
        let error = tls(&settings(&[("FLOWKIT_SERVER_TLS_CERT", "/cert.pem")])).err();
        assert_eq!(
            error.map(|error| error.to_string()).as_deref(),
            Some("a certificate and its key belong together")
        );
    }

    #[tokio::test]
    async fn addresses_are_read() {
        for (host, expected) in
            [("::1", "[::1]:4200"), ("[::1]", "[::1]:4200"), ("0.0.0.0", "0.0.0.0:4200")]
        {
            let address = address(&settings(&[("FLOWKIT_SERVER_HOST", host)])).await;
            assert_eq!(address.expect("one").to_string(), expected);
        }
    }
}
