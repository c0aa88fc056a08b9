//! Frame: what is around every page.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::asset;
use super::failure::Failure;
use crate::Error;

/// What is around every page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) section: Section,
    /// Whether the page is kept up to date while it is open.
    pub(super) is_live: bool,
    pub(super) css: &'static str,
    pub(super) js: &'static str,
}

/// The parts of the page that its navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Runs,
    Flows,
    Artifacts,
    Variables,
    Concurrency,
    Settings,
    None,
}

/// All that the navigation shows.
const PAGES: [(Section, &str, &str); 6] = [
    (Section::Runs, "/", "Runs"),
    (Section::Flows, "/flows", "Flows"),
    (Section::Artifacts, "/artifacts", "Artifacts"),
    (Section::Variables, "/variables", "Variables"),
    (Section::Concurrency, "/concurrency", "Concurrency"),
    (Section::Settings, "/settings", "Settings"),
];

impl Frame {
    pub(super) fn new(section: Section, title: impl Into<String>) -> Self {
        let (css, js) = (asset::css(), asset::js());
        Self { title: title.into(), section, is_live: false, css, js }
    }

    /// The addresses and names of the navigation, and whether the page is there.
    pub(super) fn pages(&self) -> [(&'static str, &'static str, bool); 6] {
        PAGES.map(|(section, path, name)| (path, name, section == self.section))
    }

    /// Of a page that is kept up to date while it is open.
    pub(super) fn live(section: Section, title: impl Into<String>) -> Self {
        Self { is_live: true, ..Self::new(section, title) }
    }
}

/// What a page is answered with.
pub(super) type Answer = std::result::Result<Response, Failure>;

/// A page as an answer.
pub(super) fn show(page: &impl Template) -> Answer {
    render(StatusCode::OK, page).map_err(Failure::from)
}

/// A page as an answer of that status.
pub(super) fn render(status: StatusCode, page: &impl Template) -> crate::Result<Response> {
    let html = page
        .render()
        .map_err(|error| Error::internal("a page cannot be rendered").with_source(error))?;
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((status, headers, html).into_response())
}

/// Sends the browser on to a page, after a form.
pub(super) fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}
