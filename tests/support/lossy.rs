//! A line to a server on which answers get lost.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes requests on to a server, and every so many answers nowhere.
pub(crate) struct Lossy {
    url: String,
    lost: Arc<AtomicU32>,
    _passing: JoinSet<()>,
}

impl Lossy {
    /// A line to that API on which one of so many answers is lost: the server did what it was asked.
    pub(crate) async fn to(api: &str, one_of: u32) -> Self {
        let rest = api.strip_prefix("http://").expect("an address");
        let (address, path) = rest.split_once('/').expect("a path");
        let server: SocketAddr = address.parse().expect("an address");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}/{path}", listener.local_addr().expect("an address"));
        let (seen, lost) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let mut passing = JoinSet::new();
        let counted = lost.clone();
        passing.spawn(async move {
            let mut lines = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                lines.spawn(pass(client, server, one_of, seen.clone(), counted.clone()));
            }
        });
        Self { url, lost, _passing: passing }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many answers were lost so far.
    pub(crate) fn lost(&self) -> u32 {
        self.lost.load(Ordering::Relaxed)
    }
}

async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    one_of: u32,
    seen: Arc<AtomicU32>,
    lost: Arc<AtomicU32>,
) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut request, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut is_asked = false;
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    is_asked = true;
                    if server.write_all(&request[..length]).await.is_err() {
                        return;
                    }
                }
            },
            read = server.read(&mut answer) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    // The first piece of an answer; both ends are closed instead of passing it on.
                    let is_first = std::mem::take(&mut is_asked);
                    if is_first && seen.fetch_add(1, Ordering::Relaxed) % one_of == one_of - 1 {
                        lost.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    if client.write_all(&answer[..length]).await.is_err() {
                        return;
                    }
                }
            },
        }
    }
}
