//! Failure: an error as an answer, in the words that Prefect's clients look for.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{Error, ErrorKind};

/// An error as an answer.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = StatusCode::from_u16(error.kind().http_status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = match error.kind() {
            // What went wrong inside is for the operator's log, not for whoever asks.
            ErrorKind::Internal => {
                let reason = error.full_message();
                tracing::error!(target: "flowkit", "A request failed: {reason}");
                "Internal Server Error".to_owned()
            }
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Invalid
            | ErrorKind::Refused
            | ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Cancelled
            | ErrorKind::Failed => error.full_message(),
        };
        let mut body = json!({ "exception_message": message, "detail": message });
        if let Some(hint) = error.hint() {
            body["hint"] = hint.into();
        }
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}
