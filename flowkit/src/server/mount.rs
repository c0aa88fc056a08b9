//! Mounting: each operation under its path, all by one generic function.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection, RawPathParamsRejection};
use axum::extract::{Query, RawPathParams, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Json, Router};
use serde_json::json;
use uuid::Uuid;

use super::App;
use super::failure::Failure;
use crate::api::{Answer, Client};
use crate::wire::{self, Method, Operation, Parts, path_fields};
use crate::{Error, Result};

/// All operations.
pub(super) fn operations() -> Router<App> {
    let mut router = Router::new();
    macro_rules! mount {
        ($($operation:ident)*) => {$(
            router = mount::<wire::$operation>(router);
        )*};
    }
    wire::each_operation!(mount);
    router
}

fn mount<O: Operation>(router: Router<App>) -> Router<App>
where
    Client: Answer<O>,
{
    let path = positional(O::PATH);
    let answer = || -> MethodRouter<App> { on(filter(O::METHOD), answer::<O>) };
    match path.strip_suffix('/') {
        // Prefect's server sends whoever forgets the slash there; we answer at once.
        Some(bare) => router.route(bare, answer()).route(&path, answer()),
        None => router.route(&path, answer()),
    }
}

/// The path with numbers for names: one place must not have two names for the router.
fn positional(path: &str) -> String {
    let mut parts = path.split('{');
    let mut made = parts.next().unwrap_or_default().to_owned();
    for (number, part) in parts.enumerate() {
        let rest = part.split_once('}').map_or("", |(_, rest)| rest);
        made.push_str(&format!("{{{number}}}{rest}"));
    }
    made
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn answer<O: Operation>(
    State(app): State<App>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure>
where
    Client: Answer<O>,
{
    let path = path.map_err(|rejection| Error::invalid(rejection.body_text()))?;
    let path: Vec<_> = path.iter().map(|(_, value)| value).collect();
    let Query(query) = query.map_err(|rejection| Error::invalid(rejection.body_text()))?;
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return Ok(unread(&rejection)),
    };
    ask::<O>(&app.client, Parts { path, query: &query, body: &body }).await
}

/// Puts an operation together and has it answered.
pub(super) async fn ask<O: Operation>(
    client: &Client,
    parts: Parts<'_>,
) -> Result<Response, Failure>
where
    Client: Answer<O>,
{
    check_ids(O::PATH, &parts.path)?;
    let answer = client.call(parts.read::<O>()?).await?;
    respond(O::status(&answer), &answer)
}

/// A body that is too large or breaks off.
fn unread(rejection: &BytesRejection) -> Response {
    let text = rejection.body_text();
    let body = json!({ "exception_message": text, "detail": text });
    (rejection.status(), Json(body)).into_response()
}

/// Nothing has an id that is none; Prefect's server has no such path then.
fn check_ids(path: &'static str, values: &[&str]) -> Result<()> {
    let is_id = |name: &str| name == "id" || name.ends_with("_id");
    let mut ids = path_fields(path).zip(values).filter(|(name, _)| is_id(name));
    match ids.find(|(_, value)| value.parse::<Uuid>().is_err()) {
        Some((_, value)) => Err(Error::not_found(format!("something with the id '{value}'"))),
        None => Ok(()),
    }
}

/// An answer as JSON; one of status 204 has no body.
fn respond(status: u16, answer: &impl serde::Serialize) -> Result<Response, Failure> {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if code == StatusCode::NO_CONTENT {
        return Ok(code.into_response());
    }
    let body = serde_json::to_vec(answer)
        .map_err(|error| Error::internal("an answer has no JSON").with_source(error))?;
    Ok((code, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered() {
        assert_eq!(positional("/a/{id}/b/{name}"), "/a/{0}/b/{1}");
        assert_eq!(positional("/a/"), "/a/");
    }

    #[test]
    fn all_operations_have_a_place_of_their_own() {
        let _ = operations();
    }
}
