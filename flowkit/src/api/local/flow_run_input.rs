//! Answers about what is handed to flow runs while they go on.

use serde_json::value::RawValue;

use super::Local;
use crate::api::Answer;
use crate::store::{Tx, flow_run, flow_run_input};
use crate::wire::{
    CreateFlowRunInput, DeleteFlowRunInput, FilterFlowRunInput, FlowRunInput, ReadFlowRunInput,
};
use crate::{Error, Result};

impl Answer<CreateFlowRunInput> for Local {
    async fn answer(&self, wanted: CreateFlowRunInput) -> Result<()> {
        let (id, created) = (self.new_id(), self.now());
        check_key(&wanted.key)?;
        let write = async move |tx: &mut Tx<'_>| {
            let CreateFlowRunInput { id: flow_run_id, key, value, sender } = wanted;
            flow_run::need(tx, flow_run_id).await?;
            let made = FlowRunInput { id, created, flow_run_id, key, value, sender };
            match flow_run_input::add(tx, &made).await? {
                true => Ok(()),
                false => Err(Error::conflict(format!("input '{}' is there already", made.key))),
            }
        };
        self.store.write(write).await
    }
}

fn check_key(key: &str) -> Result<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !key.is_empty() && key.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Error::invalid(format!("an input cannot be called '{key}'"))
        .with_hint("a name has letters, digits, `-`, `_` and `.`"))
}

fn no_input(key: &str) -> Error {
    Error::not_found(format!("input '{key}' of the flow run"))
}

impl Answer<ReadFlowRunInput> for Local {
    async fn answer(
        &self,
        ReadFlowRunInput { id, key }: ReadFlowRunInput,
    ) -> Result<Box<RawValue>> {
        let read = async move |tx: &mut Tx<'_>| {
            let found = flow_run_input::read(tx, id, &key).await?.ok_or_else(|| no_input(&key))?;
            // Clients hand JSON over and want it back as it was; other text becomes JSON.
            let value = match RawValue::from_string(found.value.clone()) {
                Ok(value) => Ok(value),
                Err(_) => serde_json::value::to_raw_value(&found.value),
            };
            value.map_err(|error| Error::internal("a text has no JSON").with_source(error))
        };
        self.store.read(read).await
    }
}

impl Answer<FilterFlowRunInput> for Local {
    async fn answer(&self, wanted: FilterFlowRunInput) -> Result<Vec<FlowRunInput>> {
        let FilterFlowRunInput { id, prefix, limit, exclude_keys } = wanted;
        let read = async move |tx: &mut Tx<'_>| flow_run_input::with_prefix(tx, id, &prefix).await;
        let found = self.store.scan(read).await?;
        let wanted = found.into_iter().filter(|input| !exclude_keys.contains(&input.key));
        Ok(wanted.take(limit).collect())
    }
}

impl Answer<DeleteFlowRunInput> for Local {
    async fn answer(&self, DeleteFlowRunInput { id, key }: DeleteFlowRunInput) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| match flow_run_input::delete(tx, id, &key).await? {
            true => Ok(()),
            false => Err(no_input(&key)),
        };
        self.store.write(write).await
    }
}
