//! Failure: pages that say what went wrong and what to do.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::frame::{Frame, Section, render};
use crate::{Error, ErrorKind};

/// An error as a page.
#[derive(Debug)]
pub(super) struct Failure(pub(super) Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    frame: Frame,
    problem: String,
    hint: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let (status, title, advice) = meaning(&error);
        let problem = match error.kind() {
            // What went wrong inside is for the operator's log, not for whoever asks.
            ErrorKind::Internal => {
                let reason = error.full_message();
                tracing::error!(target: "flowkit", "A page failed: {reason}");
                "Something went wrong inside the server.".to_owned()
            }
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Invalid
            | ErrorKind::Refused
            | ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Cancelled
            | ErrorKind::Failed => capitalised(&error.full_message()),
        };
        let hint = error.hint().map_or_else(|| advice.to_owned(), capitalised);
        let page = Page { frame: Frame::new(Section::None, title), problem, hint };
        render(status, &page).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

fn meaning(error: &Error) -> (StatusCode, &'static str, &'static str) {
    let status = StatusCode::from_u16(error.kind().http_status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (title, advice) = match error.kind() {
        ErrorKind::NotFound => (
            "Not found",
            "It may have been deleted, or it is kept in another database than this server's.",
        ),
        ErrorKind::Conflict | ErrorKind::Refused => {
            ("Refused", "Go back, reload the page and see how things stand now.")
        }
        ErrorKind::Invalid => ("Not understood", "Go back and change what was entered."),
        ErrorKind::Unavailable | ErrorKind::Timeout => (
            "Not available",
            "The database does not answer. Try again; if that does not help, look at the server's log.",
        ),
        ErrorKind::Cancelled | ErrorKind::Failed | ErrorKind::Internal => {
            ("Failed", "Try again; if that does not help, look at the server's log.")
        }
    };
    (status, title, advice)
}

/// A fragment as a sentence.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '?', '!', '`']) {
        sentence.push('.');
    }
    sentence
}

/// Answers for every address that leads nowhere.
pub(super) async fn no_such_page(uri: Uri) -> Failure {
    let hint =
        "the pages are named above; a run is found by its name or id in the box on the right";
    Failure(Error::not_found(format!("page {}", uri.path())).with_hint(hint))
}
