//! Search: from a name or an id to its page.

use askama::Template;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Redirect};
use uuid::Uuid;

use super::frame::{Answer, Frame, Section, show};
use super::query::Params;
use super::runs::{self, Row};
use crate::Result;
use crate::api::Client;
use crate::model::{Flow, FlowRun};
use crate::wire::{
    FilterFlowRuns, FilterFlows, FlowFilter, FlowRunFilter, Page, ReadArtifact, ReadFlow,
    ReadFlowRun, ReadLatestArtifact, ReadTaskRun, Text,
};

/// How many runs and flows are found.
const FOUND: u32 = 20;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    wanted: String,
    rows: Vec<Row>,
    flows: Vec<Flow>,
}

/// Leads to the page that is meant, or lists those that may be.
pub(super) async fn page(Shared(client): Shared<Client>, params: Params) -> Answer {
    let wanted = params.text("q");
    if wanted.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    if let Some(path) = exactly(&client, &wanted).await? {
        return Ok(Redirect::to(&path).into_response());
    }
    let like = || Some(Text::holds(wanted.clone()));
    let runs = runs_named(&client, FlowRunFilter { name: like(), ..FlowRunFilter::default() });
    let runs = runs.await?;
    let flows = client
        .call(FilterFlows {
            flows: FlowFilter { name: like(), ..FlowFilter::default() },
            page: Page::first(FOUND),
            ..FilterFlows::default()
        })
        .await?;
    if let ([run], []) = (&runs[..], &flows[..]) {
        return Ok(Redirect::to(&format!("/flow-runs/{}", run.id)).into_response());
    }
    show(&SearchPage {
        frame: Frame::new(Section::None, format!("Search: {wanted}")),
        rows: runs::rows(&client, runs, client.clock().now()).await?,
        wanted,
        flows,
    })
}

/// The page of the one thing that has that id or that name: `brave-otter`, `foo/brave-otter`.
async fn exactly(client: &Client, wanted: &str) -> Result<Option<String>> {
    if let Ok(id) = wanted.parse::<Uuid>() {
        return Ok(by_id(client, id).await);
    }
    let (flow, name) =
        wanted.split_once('/').map_or((None, wanted), |(flow, name)| (Some(flow), name));
    let is = |name: &str| Some(Text::is(name.to_owned()));
    let filter =
        FlowRunFilter { name: is(name), flow_name: flow.and_then(is), ..FlowRunFilter::default() };
    let runs = runs_named(client, filter).await?;
    if let [run] = &runs[..] {
        return Ok(Some(format!("/flow-runs/{}", run.id)));
    }
    let artifact = client.call(ReadLatestArtifact { key: wanted.to_owned() }).await.ok();
    let artifact = artifact.filter(|_| runs.is_empty());
    Ok(artifact.map(|artifact| format!("/artifacts/{}", artifact.id)))
}

async fn by_id(client: &Client, id: Uuid) -> Option<String> {
    if client.call(ReadFlowRun { id: id.into() }).await.is_ok() {
        return Some(format!("/flow-runs/{id}"));
    }
    if client.call(ReadTaskRun { id: id.into() }).await.is_ok() {
        return Some(format!("/task-runs/{id}"));
    }
    if client.call(ReadFlow { id: id.into() }).await.is_ok() {
        return Some(format!("/flows/{id}"));
    }
    let artifact = client.call(ReadArtifact { id: id.into() }).await;
    artifact.is_ok().then(|| format!("/artifacts/{id}"))
}

async fn runs_named(client: &Client, flow_runs: FlowRunFilter) -> Result<Vec<FlowRun>> {
    let page = Page::first(FOUND);
    client.call(FilterFlowRuns { flow_runs, page, ..FilterFlowRuns::default() }).await
}
