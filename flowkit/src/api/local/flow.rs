//! Answers about flows.

use super::Local;
use crate::api::Answer;
use crate::model::Flow;
use crate::store::flow;
use crate::wire::{CreateFlow, FilterFlows, Made, ReadFlow, ReadFlowByName};
use crate::{Error, Result};

impl Answer<CreateFlow> for Local {
    async fn answer(&self, CreateFlow { name, tags }: CreateFlow) -> Result<Made<Flow>> {
        let wanted = name.clone();
        let known = self.store.read(async move |tx| flow::read_by_name(tx, &wanted).await).await?;
        if let Some(known) = known {
            return Ok(Made::found(known));
        }
        let now = self.now();
        let made = Flow { id: self.new_id(), created: now, updated: now, name, tags };
        let subject = made.id.as_uuid();
        let write = async move |tx: &mut crate::store::Tx<'_>| {
            flow::create(tx, &made).await?;
            // Another process may have made it first.
            let kept = flow::read_by_name(tx, &made.name).await?;
            let kept = kept.ok_or_else(|| no_flow(&made.name))?;
            Ok(Made { is_new: kept.id == made.id, value: kept })
        };
        self.store.write_about(subject, write).await
    }
}

impl Answer<ReadFlow> for Local {
    async fn answer(&self, ReadFlow { id }: ReadFlow) -> Result<Flow> {
        let found = self.store.read(async move |tx| flow::read(tx, id).await).await?;
        found.ok_or_else(|| Error::not_found(format!("flow {id}")))
    }
}

impl Answer<ReadFlowByName> for Local {
    async fn answer(&self, ReadFlowByName { name }: ReadFlowByName) -> Result<Flow> {
        let wanted = name.clone();
        let found = self.store.read(async move |tx| flow::read_by_name(tx, &wanted).await).await?;
        found.ok_or_else(|| no_flow(&name))
    }
}

impl Answer<FilterFlows> for Local {
    async fn answer(&self, wanted: FilterFlows) -> Result<Vec<Flow>> {
        self.store.scan(async move |tx| flow::filter(tx, wanted).await).await
    }
}

fn no_flow(name: &str) -> Error {
    Error::not_found(format!("flow '{name}'"))
}
