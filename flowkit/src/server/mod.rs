//! Server: Prefect's API over HTTP, on the data that the library writes.
//!
//! It mounts the operations of [`wire`](crate::wire) and adds no policy of its own: what an
//! operation does, [`api`](crate::api) says. What is here is HTTP: paths, statuses, sockets.

mod event_socket;
mod failure;
mod hello;
mod mount;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;

use crate::api::Client;
use crate::{Error, Result};

/// The largest body that is read.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What every request is answered with.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) client: Client,
}

/// All routes: the API under `/api`.
pub fn router(client: Client) -> Router {
    let api = hello::routes().merge(event_socket::routes()).merge(mount::operations());
    let router = Router::new().nest("/api", api);
    #[cfg(feature = "ui")]
    let router = router.fallback_service(crate::ui::router(client.clone()));
    router.layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(App { client })
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

/// Answers until `stop` comes, and then finishes what it has begun.
///
/// # Errors
/// Unavailable when the listener breaks.
pub async fn serve(
    listener: TcpListener,
    client: Client,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    axum::serve(listener, router(client))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|error| Error::unavailable("the server stopped").with_source(error))
}
