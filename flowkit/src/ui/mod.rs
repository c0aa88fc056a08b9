//! The page: what ran, what runs and why it failed, for people.
//!
//! Everything is rendered here, from templates and as SVG; there is one style sheet and one small
//! script, which only keeps an open page up to date. Without it every page works, too. All that is
//! shown is read through the operations of [`wire`](crate::wire), so that the page knows nothing
//! that other clients could not know.
//!
//! Whatever comes from users is escaped where it is printed: by the templates, which escape all but
//! the types that promise to have escaped what they hold (`part`, `svg`, `markdown`).

mod artifact;
mod asset;
mod concurrency;
mod failure;
mod flow;
mod flow_run;
mod frame;
mod guard;
mod legacy;
mod live;
mod logs;
mod markdown;
mod part;
mod query;
mod runs;
mod search;
mod settings;
mod svg;
mod task_run;
mod text;
mod variable;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::api::Client;

/// All pages, to be served at `/`.
pub fn router(client: Client) -> Router {
    let pages = Router::new()
        .route("/", get(runs::page))
        .route("/flow-runs/{id}", get(flow_run::page))
        .route("/flow-runs/{id}/{action}", post(flow_run::act))
        .route("/task-runs/{id}", get(task_run::page))
        .route("/flows", get(flow::list))
        .route("/flows/{id}", get(flow::page))
        .route("/artifacts", get(artifact::list))
        .route("/artifacts/{id}", get(artifact::page))
        .route("/artifacts/key/{key}", get(artifact::latest))
        .route("/variables", get(variable::list).post(variable::set))
        .route("/variables/delete", post(variable::delete))
        .route("/concurrency", get(concurrency::list).post(concurrency::set))
        .route("/concurrency/{action}", post(concurrency::act))
        .route("/settings", get(settings::page))
        .route("/search", get(search::page))
        .route("/live", get(live::changes));
    pages
        .merge(asset::routes())
        .merge(legacy::routes())
        .fallback(failure::no_such_page)
        .layer(from_fn(guard::refuse_other_sites))
        .layer(from_fn(guard::close_in))
        .with_state(client)
}
