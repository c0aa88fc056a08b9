//! `flowkit server`: the API and the page, on the data that programs write.

use std::net::{IpAddr, SocketAddr};

use clap::{Args, Subcommand};
use flowkit::{Result, server};
use serde_json::json;

use crate::global::Global;
use crate::report::Report;
use crate::session::Session;

/// Serve the API and the page
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:
  flowkit server start")]
pub(crate) enum Command {
    Start(Start),
}

/// Serve the API and the page until Ctrl-C
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit server start
  flowkit server start --port 4300")]
pub(crate) struct Start {
    /// The address to listen at
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port to listen at; 0 takes one that is free
    #[arg(long, default_value_t = 4200)]
    port: u16,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        match self {
            Self::Start(start) => {
                Session::run_here(global, async |session| start.run(session).await)
            }
        }
    }
}

impl Start {
    async fn run(self, session: &Session) -> Result<Report> {
        let listener = server::listen(SocketAddr::new(self.host, self.port)).await?;
        let address = listener.local_addr().unwrap_or(SocketAddr::new(self.host, self.port));
        let url = format!("http://{address}");
        let text = format!("Serving {url} (API: {url}/api). Stop with Ctrl-C.");
        session.say(&text, &json!({ "url": url, "api_url": format!("{url}/api") }))?;
        server::serve(listener, session.client().clone(), interrupted()).await?;
        Ok(Report::said())
    }
}

/// Returns at Ctrl-C, or when the system asks the process to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
