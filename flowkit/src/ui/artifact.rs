//! Artifacts: what runs leave for people to look at.

mod shown;

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Redirect};

use self::shown::Shown;
use super::frame::{Answer, Frame, Section, show};
use super::part::{Ago, When};
use super::query::Params;
use super::text::shorten;
use crate::api::Client;
use crate::model::{Artifact, ArtifactId, ArtifactKind, FlowRunId, TaskRunId};
use crate::wire::{
    ArtifactFilter, FilterArtifacts, Page, ReadArtifact, ReadFlowRun, ReadLatestArtifact,
    ReadTaskRun,
};
use crate::{Error, ErrorKind, Result, Timestamp};

/// How many artifacts one page lists, and how many versions of one.
const LISTED: u32 = 50;

#[derive(Template)]
#[template(path = "artifacts.html")]
struct ArtifactsPage {
    frame: Frame,
    artifacts: Vec<Summary>,
    kinds: Vec<(String, String, bool)>,
    is_all: bool,
    every: String,
    newest: String,
    earlier: Option<String>,
    later: Option<String>,
}

#[derive(Template)]
#[template(path = "artifact.html")]
struct ArtifactPage {
    frame: Frame,
    artifact: Summary,
    created: When,
    shown: Shown,
    flow_run: Option<(FlowRunId, String)>,
    task_run: Option<(TaskRunId, String)>,
    versions: Vec<(ArtifactId, When, bool)>,
}

/// An artifact in a list.
pub(super) struct Summary {
    pub(super) id: ArtifactId,
    pub(super) title: String,
    pub(super) kind: ArtifactKind,
    pub(super) description: Option<String>,
    pub(super) excerpt: String,
    pub(super) percent: Option<f64>,
    pub(super) updated: Ago,
    pub(super) flow_run: Option<FlowRunId>,
}

impl Summary {
    pub(super) fn new(artifact: &Artifact, now: Timestamp) -> Self {
        let title = artifact.key.clone().or_else(|| artifact.description.clone());
        let percent =
            (artifact.kind == ArtifactKind::Progress).then(|| shown::percent(&artifact.data));
        Self {
            id: artifact.id,
            title: title.unwrap_or_else(|| format!("{} without a key", artifact.kind)),
            kind: artifact.kind.clone(),
            description: artifact.description.clone().filter(|_| artifact.key.is_some()),
            excerpt: shorten(&shown::excerpt(artifact), 160),
            percent,
            updated: Ago::new(artifact.updated, now),
            flow_run: artifact.flow_run_id,
        }
    }

    pub(super) fn is_progress(&self) -> bool {
        self.percent.is_some()
    }

    /// How far a progress is, to be printed.
    pub(super) fn percent(&self) -> String {
        self.percent.map(|percent| format!("{percent:.0}")).unwrap_or_default()
    }
}

fn wanted(params: &Params) -> FilterArtifacts {
    let page: u32 = params.parse("page").unwrap_or(0);
    let kind = params.parse::<ArtifactKind>("kind").map(Into::into);
    FilterArtifacts {
        artifacts: ArtifactFilter { kind, ..ArtifactFilter::default() },
        latest: params.get("all").is_none(),
        page: Page { limit: LISTED + 1, offset: page.saturating_mul(LISTED) },
        ..FilterArtifacts::default()
    }
}

/// The page of artifacts.
pub(super) async fn list(Shared(client): Shared<Client>, params: Params) -> Answer {
    let now = client.clock().now();
    let wanted = wanted(&params);
    let (kind, page) = (params.parse("kind"), params.parse("page").unwrap_or(0_u32));
    let mut artifacts = client.call(wanted).await?;
    let has_later = artifacts.len() > LISTED as usize;
    artifacts.truncate(LISTED as usize);
    let choice = |each: Option<ArtifactKind>| {
        let word = each.as_ref().map_or("", ArtifactKind::as_str);
        let link = params.with(&[("kind", word), ("page", "")]).link("/artifacts");
        let shown = each.as_ref().map_or("all kinds", ArtifactKind::as_str);
        (shown.to_owned(), link, each == kind)
    };
    let kinds = std::iter::once(None).chain(ArtifactKind::ALL.map(Some)).map(choice).collect();
    let to = |page: u32| params.with(&[("page", &page.to_string())]).link("/artifacts");
    show(&ArtifactsPage {
        frame: Frame::live(Section::Artifacts, "Artifacts"),
        artifacts: artifacts.iter().map(|artifact| Summary::new(artifact, now)).collect(),
        kinds,
        is_all: params.get("all").is_some(),
        every: params.with(&[("all", "1"), ("page", "")]).link("/artifacts"),
        newest: params.with(&[("all", ""), ("page", "")]).link("/artifacts"),
        earlier: page.checked_sub(1).map(to),
        later: has_later.then(|| to(page + 1)),
    })
}

/// The page of an artifact.
pub(super) async fn page(Shared(client): Shared<Client>, Path(id): Path<String>) -> Answer {
    let id = read_id(&id)?;
    let now = client.clock().now();
    let artifact = client.call(ReadArtifact { id }).await?;
    let versions = match &artifact.key {
        Some(key) => versions(&client, key, id).await?,
        None => Vec::new(),
    };
    let summary = Summary::new(&artifact, now);
    show(&ArtifactPage {
        frame: Frame::live(Section::Artifacts, summary.title.clone()),
        created: When::new(artifact.created),
        flow_run: flow_run(&client, artifact.flow_run_id).await?,
        task_run: task_run(&client, artifact.task_run_id).await?,
        versions,
        shown: Shown::new(&artifact),
        artifact: summary,
    })
}

/// Leads to the newest artifact with a key.
pub(super) async fn latest(Shared(client): Shared<Client>, Path(key): Path<String>) -> Answer {
    let artifact = client.call(ReadLatestArtifact { key }).await?;
    Ok(Redirect::to(&format!("/artifacts/{}", artifact.id)).into_response())
}

fn read_id(text: &str) -> Result<ArtifactId> {
    text.parse().map_err(|_| Error::not_found(format!("artifact '{text}'")))
}

async fn versions(
    client: &Client,
    key: &str,
    shown: ArtifactId,
) -> Result<Vec<(ArtifactId, When, bool)>> {
    let ask = FilterArtifacts {
        artifacts: ArtifactFilter { key: Some(key.to_owned().into()), ..ArtifactFilter::default() },
        page: Page::first(LISTED),
        ..FilterArtifacts::default()
    };
    let versions = client.call(ask).await?;
    let version =
        |artifact: Artifact| (artifact.id, When::new(artifact.created), artifact.id == shown);
    Ok(versions.into_iter().map(version).collect())
}

async fn flow_run(client: &Client, id: Option<FlowRunId>) -> Result<Option<(FlowRunId, String)>> {
    let Some(id) = id else { return Ok(None) };
    gone_is_none(client.call(ReadFlowRun { id }).await.map(|run| (id, run.name)))
}

async fn task_run(client: &Client, id: Option<TaskRunId>) -> Result<Option<(TaskRunId, String)>> {
    let Some(id) = id else { return Ok(None) };
    gone_is_none(client.call(ReadTaskRun { id }).await.map(|run| (id, run.name)))
}

fn gone_is_none<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A number that changes with what the page of artifacts shows.
pub(super) async fn fingerprint(client: &Client, params: &Params) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    hash_all(&client.call(wanted(params)).await?, &mut hasher);
    Ok(hasher.finish())
}

/// A number that changes with an artifact.
pub(super) async fn fingerprint_of(client: &Client, id: &str) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let artifact = client.call(ReadArtifact { id: read_id(id)? }).await?;
    if let Some(key) = artifact.key.clone() {
        hash_all(&[client.call(ReadLatestArtifact { key }).await?], &mut hasher);
    }
    hash_all(&[artifact], &mut hasher);
    Ok(hasher.finish())
}

/// Adds the artifacts of a flow run.
pub(super) async fn hash_of_flow_run(
    client: &Client,
    id: FlowRunId,
    hasher: &mut DefaultHasher,
) -> Result<()> {
    let ask = FilterArtifacts {
        artifacts: ArtifactFilter {
            flow_run_id: Some(vec![id].into()),
            ..ArtifactFilter::default()
        },
        page: Page::first(LISTED),
        ..FilterArtifacts::default()
    };
    hash_all(&client.call(ask).await?, hasher);
    Ok(())
}

fn hash_all(artifacts: &[Artifact], hasher: &mut DefaultHasher) {
    artifacts.iter().for_each(|artifact| (artifact.id, artifact.updated).hash(hasher));
}
