//! Mounting: each operation under its path, all by one generic function.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, RawPathParams, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::App;
use super::failure::Failure;
use crate::api::{Answer, Client};
use crate::wire::{self, Method, Operation, Parts};
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
    path: RawPathParams,
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Result<Response, Failure>
where
    Client: Answer<O>,
{
    let path = path.iter().map(|(_, value)| value).collect();
    let operation: O = Parts { path, query: &query, body: &body }.read()?;
    let answer = app.client.call(operation).await?;
    respond(O::status(&answer), &answer)
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
