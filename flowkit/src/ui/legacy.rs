//! Legacy: the addresses of Prefect's pages, which its clients print, lead to ours.

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;

use super::query::path_to;
use crate::api::Client;

/// Where Prefect has a page, and the folder in which ours is.
const PAGES: &[(&str, &str)] = &[
    ("/runs/flow-run/{id}", "/flow-runs"),
    ("/flow-runs/flow-run/{id}", "/flow-runs"),
    ("/flow-run/{id}", "/flow-runs"),
    ("/runs/task-run/{id}", "/task-runs"),
    ("/task-runs/task-run/{id}", "/task-runs"),
    ("/task-run/{id}", "/task-runs"),
    ("/flows/flow/{id}", "/flows"),
    ("/flow/{id}", "/flows"),
    ("/artifacts/artifact/{id}", "/artifacts"),
];

/// Lists that Prefect has elsewhere.
const LISTS: &[(&str, &str)] = &[
    ("/runs", "/"),
    ("/flow-runs", "/"),
    ("/dashboard", "/"),
    ("/concurrency-limits", "/concurrency"),
];

pub(super) fn routes() -> Router<Client> {
    let mut routes = Router::new();
    for (theirs, ours) in PAGES {
        let lead = async move |Path(id): Path<String>| Redirect::permanent(&path_to(ours, &id));
        routes = routes.route(theirs, get(lead));
    }
    for (theirs, ours) in LISTS {
        routes = routes.route(theirs, get(async move || Redirect::permanent(ours)));
    }
    routes
}
