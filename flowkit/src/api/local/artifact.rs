//! Answers about artifacts.

use super::Local;
use crate::api::Answer;
use crate::model::{Artifact, ArtifactId};
use crate::store::{Tx, artifact};
use crate::wire::{
    CountArtifacts, CountLatestArtifacts, CreateArtifact, DeleteArtifact, FilterArtifacts,
    FilterLatestArtifacts, LatestArtifact, ReadArtifact, ReadLatestArtifact, UpdateArtifact,
};
use crate::{Error, Result};

impl Answer<CreateArtifact> for Local {
    async fn answer(&self, wanted: CreateArtifact) -> Result<Artifact> {
        let CreateArtifact { mut artifact } = wanted;
        if let Some(key) = &artifact.key {
            check_key(key)?;
        }
        let (subject, now) = (artifact.id.as_uuid(), self.now());
        (artifact.created, artifact.updated) = (now, now);
        if artifact.id.is_nil() {
            artifact.id = self.new_id();
        }
        let write = async move |tx: &mut Tx<'_>| {
            artifact::put(tx, &artifact).await?;
            Ok(artifact)
        };
        self.store.write_about(subject, write).await
    }
}

fn check_key(key: &str) -> Result<()> {
    let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if !key.is_empty() && key.chars().all(is_allowed) {
        return Ok(());
    }
    let rule = "a key has lower-case letters, digits and dashes";
    Err(Error::invalid(format!("an artifact cannot have the key '{key}'")).with_hint(rule))
}

impl Answer<ReadArtifact> for Local {
    async fn answer(&self, ReadArtifact { id }: ReadArtifact) -> Result<Artifact> {
        let found = self.store.read(async move |tx| artifact::read(tx, id).await).await?;
        found.ok_or_else(|| no_artifact(id))
    }
}

impl Answer<ReadLatestArtifact> for Local {
    async fn answer(&self, ReadLatestArtifact { key }: ReadLatestArtifact) -> Result<Artifact> {
        let read = async move |tx: &mut Tx<'_>| {
            let found = artifact::read_latest(tx, &key).await?;
            found.ok_or_else(|| Error::not_found(format!("artifact with key '{key}'")))
        };
        self.store.read(read).await
    }
}

impl Answer<FilterArtifacts> for Local {
    async fn answer(&self, wanted: FilterArtifacts) -> Result<Vec<Artifact>> {
        self.store.scan(async move |tx| artifact::filter(tx, wanted).await).await
    }
}

impl Answer<CountArtifacts> for Local {
    async fn answer(&self, CountArtifacts { artifacts }: CountArtifacts) -> Result<u64> {
        self.store.scan(async move |tx| artifact::count(tx, artifacts, false).await).await
    }
}

impl Answer<FilterLatestArtifacts> for Local {
    async fn answer(&self, wanted: FilterLatestArtifacts) -> Result<Vec<LatestArtifact>> {
        let FilterLatestArtifacts { artifacts, sort, page } = wanted;
        let found = self.answer(FilterArtifacts { artifacts, latest: true, sort, page }).await?;
        let latest = |artifact: Artifact| LatestArtifact { latest_id: artifact.id, artifact };
        Ok(found.into_iter().map(latest).collect())
    }
}

impl Answer<CountLatestArtifacts> for Local {
    async fn answer(&self, wanted: CountLatestArtifacts) -> Result<u64> {
        let CountLatestArtifacts { artifacts } = wanted;
        self.store.scan(async move |tx| artifact::count(tx, artifacts, true).await).await
    }
}

impl Answer<UpdateArtifact> for Local {
    async fn answer(&self, change: UpdateArtifact) -> Result<()> {
        let (id, now) = (change.id, self.now());
        let update = async move |tx: &mut Tx<'_>| artifact::update(tx, &change, now).await;
        let found = self.store.write_about(id.as_uuid(), update).await?;
        if found { Ok(()) } else { Err(no_artifact(id)) }
    }
}

impl Answer<DeleteArtifact> for Local {
    async fn answer(&self, DeleteArtifact { id }: DeleteArtifact) -> Result<()> {
        let delete = async move |tx: &mut Tx<'_>| artifact::delete(tx, id).await;
        let found = self.store.write_about(id.as_uuid(), delete).await?;
        if found { Ok(()) } else { Err(no_artifact(id)) }
    }
}

fn no_artifact(id: ArtifactId) -> Error {
    Error::not_found(format!("artifact {id}"))
}
