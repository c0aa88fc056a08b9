//! `flowkit server`: the API and the page, on the data that programs write.

use clap::{Args, Subcommand};
use flowkit::server::Server;
use flowkit::settings::ServerSettings;
use flowkit::wire::InstallSystemBlockTypes;
use flowkit::{Result, worker};
use serde_json::json;
use std::path::PathBuf;

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
///
/// Everybody on this machine may ask, unless FLOWKIT_SERVER_AUTH is set or there are API keys. Who
/// listens in a network must have one of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit server start
  flowkit server start --port 4300
  flowkit server start --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem")]
pub(crate) struct Start {
    /// The address to listen at [default: FLOWKIT_SERVER_HOST, 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The port to listen at; 0 takes one that is free [default: FLOWKIT_SERVER_PORT, 4200]
    #[arg(long)]
    port: Option<u16>,
    /// Speak TLS with the certificates in this file, the server's own first
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key to the certificate
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Let pages of this address ask the server; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    allow_origin: Vec<String>,
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
        let settings = self.over(session.settings().server().clone());
        let server = Server::listen(&settings, session.client().clone()).await?;
        let url = server.url();
        let text = format!("Serving {url} (API: {url}/api). Stop with Ctrl-C.");
        session.say(&text, &json!({ "url": url, "api_url": format!("{url}/api") }))?;
        session.call(InstallSystemBlockTypes {}).await?;
        let services = async {
            match session.runtime() {
                Some(runtime) => worker::run(runtime, &settings).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            served = server.serve(interrupted()) => served?,
            () = services => {}
        }
        Ok(Report::said())
    }

    /// The settings with what the command line says.
    fn over(self, settings: ServerSettings) -> ServerSettings {
        let origins =
            self.allow_origin.iter().map(|origin| origin.trim_end_matches('/').to_owned());
        ServerSettings {
            host: self.host.unwrap_or(settings.host),
            port: self.port.unwrap_or(settings.port),
            tls_cert: self.tls_cert.or(settings.tls_cert),
            tls_key: self.tls_key.or(settings.tls_key),
            allow_origin: settings.allow_origin.into_iter().chain(origins).collect(),
            ..settings
        }
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
