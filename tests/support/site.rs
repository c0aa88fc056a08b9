//! A server with its pages, on a database of its own.

use std::net::{Ipv4Addr, SocketAddr};

use flowkit::api::Client;
use flowkit::settings::DatabaseUrl;
use flowkit::{Clock, server};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A server with its pages, gone with it.
pub(crate) struct Site {
    folder: TempDir,
    client: Client,
    url: String,
    http: reqwest::Client,
    _server: JoinSet<()>,
}

/// What a page was answered with.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let client = open(&folder).await;
        let listener = server::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.expect("a port that is free");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let mut tasks = JoinSet::new();
        let served = client.clone();
        tasks.spawn(async move {
            server::serve(listener, served, std::future::pending()).await.expect("it serves");
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
        let http = http.build().expect("a client");
        Self { folder, client, url, http, _server: tasks }
    }

    /// The client that the server answers with.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// A client on the same database, as another process has one.
    pub(crate) async fn other_process(&self) -> Client {
        open(&self.folder).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        let answer = self.http.get(self.url(path)).send().await.expect("an answer");
        Page::of(answer).await
    }

    /// A page that is there.
    pub(crate) async fn read(&self, path: &str) -> String {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.html);
        page.html
    }

    /// Sends a form as a browser does that has it from a page of this site.
    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> Page {
        self.send_from(path, form, "same-origin").await
    }

    /// Sends a form as a browser does that has it from some site.
    pub(crate) async fn send_from(&self, path: &str, form: &[(&str, &str)], site: &str) -> Page {
        let mut body = String::new();
        for (name, value) in form {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body.push_str(&format!("{name}={value}&"));
        }
        let form = "application/x-www-form-urlencoded";
        let request = self.http.post(self.url(path)).header("content-type", form);
        let answer = request.header("sec-fetch-site", site).body(body).send().await;
        Page::of(answer.expect("an answer")).await
    }

    /// Opens a stream of events.
    pub(crate) async fn listen(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).send().await.expect("an answer")
    }
}

async fn open(folder: &TempDir) -> Client {
    let url = DatabaseUrl::Sqlite(folder.path().join("flowkit.db"));
    Client::open(&url, Clock::system()).await.expect("a database")
}

impl Page {
    async fn of(answer: reqwest::Response) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Self { status, headers, html: answer.text().await.expect("a text") }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }
}
