//! Server: Prefect's API over HTTP, on the data that the library writes.
//!
//! It mounts the operations of [`wire`](crate::wire) and adds no policy of its own: what an
//! operation does, [`api`](crate::api) says. What is here is HTTP: paths, statuses, sockets.

mod event_page;
mod event_socket;
mod failure;
mod hello;
mod listener;
mod mount;
#[cfg(test)]
mod property;
mod version;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tokio::net::TcpListener;

use crate::api::Client;
use crate::{Durability, Error, Result};

/// The largest body that is read.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What every request is answered with.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) client: Client,
}

/// All routes: the API under `/api`.
pub fn router(client: Client) -> Router {
    let api = hello::routes()
        .merge(event_page::routes())
        .merge(event_socket::routes())
        .merge(listener::routes())
        .merge(mount::operations());
    let api = api
        .fallback(failure::no_such_path)
        .method_not_allowed_fallback(failure::no_such_method)
        .layer(middleware::from_fn(version::check));
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
    client.news()?.serve();
    axum::serve(listener, router(client.clone()))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|error| Error::unavailable("the server stopped").with_source(error))?;
    // What was accepted is kept before the process ends.
    client.flush(Durability::Process).await
}
