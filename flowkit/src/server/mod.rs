//! Server: Prefect's API over HTTP, on the data that the library writes.
//!
//! It mounts the operations of [`wire`](crate::wire) and adds no policy of its own: what an
//! operation does, [`api`](crate::api) says. What is here is HTTP: paths, statuses, sockets, and who
//! may ask.
//!
//! - `options`, `connection`: where it listens, and how.
//! - `guard`, `auth`: what every request passes first.
//! - `mount`, `hello`, `failure`: what it is answered with.

mod auth;
mod connection;
mod event_page;
mod event_socket;
mod failure;
mod guard;
mod hello;
mod listener;
mod mount;
mod options;
#[cfg(test)]
mod property;
mod version;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::middleware;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use self::auth::Gate;
use self::connection::Connections;
use self::options::Options;
use crate::api::Client;
use crate::settings::ServerSettings;
use crate::{Durability, Error, Result};

/// What every request is answered with.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) gate: Gate,
    options: Options,
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    url: String,
    tls: Option<Tls>,
    app: App,
    settings: ServerSettings,
}

struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Server {
    /// Listens, so that a port which is taken is told of before anything else.
    ///
    /// # Errors
    /// Refused when anybody in a network would be let in; invalid when a setting cannot be used;
    /// unavailable when the address is taken or not this machine's.
    pub async fn listen(settings: &ServerSettings, client: Client) -> Result<Self> {
        let address = options::address(settings).await?;
        options::check_exposure(settings, address, &client).await?;
        // What is wrong with the settings is said before a port is taken.
        Options::of(settings)?;
        options::tls(settings)?;
        Self::at(listen(address).await?, settings, client)
    }

    fn at(listener: TcpListener, settings: &ServerSettings, client: Client) -> Result<Self> {
        let options = Options::of(settings)?;
        let tls = options::tls(settings)?.map(Tls);
        let address = listener
            .local_addr()
            .map_err(|error| Error::unavailable("a listener has no address").with_source(error))?;
        let url = format!("http{}://{address}", if tls.is_some() { "s" } else { "" });
        let is_closed = !address.ip().is_loopback();
        let gate = Gate::new(client.clone(), settings.auth.as_ref(), is_closed);
        let app = App { client, gate, options };
        Ok(Self { listener, url, tls, app, settings: settings.clone() })
    }

    /// The address of its page; that of the API is `/api` behind it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers until `stop` comes, and then finishes what it has begun.
    ///
    /// # Errors
    /// Unavailable when what was accepted cannot be written.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<()> {
        let client = self.app.client.clone();
        client.news()?.serve();
        let connections = Connections {
            clock: self.app.client.clock().clone(),
            router: router(self.app, &self.settings),
            tls: self.tls.map(|Tls(tls)| tls),
            header_timeout: self.settings.header_timeout,
        };
        connections.serve(self.listener, stop).await;
        // What was accepted is kept before the process ends.
        client.flush(Durability::Process).await
    }
}

/// Listens at an address, so that a port which is taken is told of before anything else.
///
/// # Errors
/// Unavailable when the address is taken or not this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Error::unavailable(format!("{address} cannot be listened at"))
            .with_source(error)
            .with_hint("choose another port: --port 4201")
    })
}

/// Answers there with no settings but the defaults, as tests want it.
///
/// # Errors
/// As [`Server::serve`].
pub async fn serve(
    listener: TcpListener,
    client: Client,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let settings = ServerSettings::default();
    Server::at(listener, &settings, client)?.serve(stop).await
}

/// All routes: the API under `/api`.
fn router(app: App, settings: &ServerSettings) -> Router {
    let api = hello::routes()
        .merge(event_page::routes())
        .merge(event_socket::routes())
        .merge(listener::routes())
        .merge(mount::operations());
    let api = api
        .fallback(failure::no_such_path)
        .method_not_allowed_fallback(failure::no_such_method)
        .layer(middleware::from_fn(version::check));
    let body_limit = usize::try_from(settings.body_limit).unwrap_or(usize::MAX);
    let timeout = settings.request_timeout;
    let origins: Vec<_> = app.options.origins().collect();
    let router = Router::new().nest("/api", api);
    #[cfg(feature = "ui")]
    let router = router.fallback_service(crate::ui::router(app.client.clone()));
    let router = router
        .layer(DefaultBodyLimit::max(body_limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, timeout))
        .layer(middleware::from_fn_with_state(app.clone(), guard::watch));
    // Without other sites nothing is said to browsers, and they keep other pages out.
    let router = if origins.is_empty() { router } else { router.layer(cors(origins)) };
    router.with_state(app)
}

fn cors(origins: Vec<axum::http::HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .allow_credentials(true)
}
