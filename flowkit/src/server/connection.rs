//! Connections: accepts them, speaks TLS and HTTP on them, and ends them.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// How long requests that were begun may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How long nothing is accepted when the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(200);

/// How connections are served.
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    /// How long a client may take for its handshake, and for the head of each request.
    pub(super) header_timeout: Duration,
    pub(super) clock: Clock,
}

impl Connections {
    /// Serves until `stop` comes, then finishes what was begun.
    pub(super) async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let ending = CancellationToken::new();
        let mut open = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(open.spawn(self.connection(stream, ending.clone()))),
                    // Too many files are open, or the client is gone already.
                    Err(_) => self.clock.sleep(BREATH).await,
                },
                // Takes the ended ones out.
                Some(_) = open.join_next() => {}
            }
        }
        drop(listener);
        ending.cancel();
        tokio::select! {
            () = async { while open.join_next().await.is_some() {} } => {}
            () = self.clock.sleep(GRACE) => {}
        }
    }

    /// All that happens on one connection. What goes wrong is the client's affair.
    fn connection(
        &self,
        stream: TcpStream,
        ending: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (tls, router, clock) = (self.tls.clone(), self.router.clone(), self.clock.clone());
        let patience = self.header_timeout;
        async move {
            // An answer is not held back to be joined by the next one.
            let _ = stream.set_nodelay(true);
            let Some(tls) = tls else { return speak(stream, router, ending, patience).await };
            tokio::select! {
                shaken = tls.accept(stream) => if let Ok(stream) = shaken {
                    speak(stream, router, ending, patience).await;
                },
                () = clock.sleep(patience) => {}
            }
        }
    }
}

/// Answers requests until the client leaves; once the server ends, only the one that was begun.
async fn speak<S>(stream: S, router: Router, ending: CancellationToken, patience: Duration)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        () = ending.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
