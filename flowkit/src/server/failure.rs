//! Failure: an error as an answer, in the words that Prefect's clients look for.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{Error, ErrorKind};

/// An error as an answer.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

/// What is answered where there is nothing.
pub(super) async fn no_such_path() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not Found" }))).into_response()
}

/// What is answered where something else can be done.
pub(super) async fn no_such_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "detail": "Method Not Allowed" })))
        .into_response()
}

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
        if error.kind() == ErrorKind::Invalid {
            // Where Prefect's clients look for what is wrong with a request.
            let what = json!({ "loc": ["body"], "msg": message, "type": "value_error" });
            body["exception_detail"] = json!([what]);
        }
        if let Some(hint) = error.hint() {
            body["hint"] = hint.into();
        }
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}
