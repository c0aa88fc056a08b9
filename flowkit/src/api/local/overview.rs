//! Answers that sum up what is kept, for whoever looks at it.

use super::Local;
use crate::api::Answer;
use crate::model::{FlowRun, Log};
use crate::store::{
    Tx, concurrency_limit, count, flow_run, history, log_search, slot, subflow, task_run, timeline,
};
use crate::wire::{
    HeldSlots, KeptResult, ReadRunHistory, ReadSlots, ReadSubflows, ReadTaskRunCounts,
    ReadTaskRunResult, ReadTimeline, RunHistory, SearchLogs, TaskRunCounts, Timeline,
};
use crate::{Error, Result};

impl Answer<ReadRunHistory> for Local {
    async fn answer(&self, wanted: ReadRunHistory) -> Result<RunHistory> {
        self.store.scan(async move |tx| history::read(tx, wanted).await).await
    }
}

impl Answer<ReadTimeline> for Local {
    async fn answer(&self, wanted: ReadTimeline) -> Result<Timeline> {
        self.store.scan(async move |tx| timeline::read(tx, &wanted).await).await
    }
}

impl Answer<ReadSubflows> for Local {
    async fn answer(&self, wanted: ReadSubflows) -> Result<Vec<FlowRun>> {
        let read = async move |tx: &mut Tx<'_>| {
            let mut runs = Vec::new();
            for id in subflow::read(tx, &wanted).await? {
                runs.extend(flow_run::read(tx, id).await?);
            }
            Ok(runs)
        };
        self.store.scan(read).await
    }
}

impl Answer<ReadTaskRunCounts> for Local {
    async fn answer(&self, wanted: ReadTaskRunCounts) -> Result<Vec<TaskRunCounts>> {
        self.store.read(async move |tx| count::read_of(tx, wanted.flow_run_ids).await).await
    }
}

impl Answer<ReadTaskRunResult> for Local {
    async fn answer(&self, ReadTaskRunResult { id }: ReadTaskRunResult) -> Result<KeptResult> {
        let kept = self.store.read(async move |tx| task_run::result(tx, id).await).await?;
        let kept = kept.ok_or_else(|| Error::not_found(format!("task run {id}")))?;
        // How the engine spells what it keeps: `=` and the JSON, or `@` and the place.
        Ok(match kept.as_deref().and_then(|kept| kept.split_at_checked(1)) {
            Some(("=", json)) => serde_json::from_str(json)
                .map_or(KeptResult::Nothing, |value| KeptResult::Value { value }),
            Some(("@", place)) => KeptResult::Stored { place: place.to_owned() },
            Some(_) | None => KeptResult::Nothing,
        })
    }
}

impl Answer<SearchLogs> for Local {
    async fn answer(&self, wanted: SearchLogs) -> Result<Vec<Log>> {
        self.store.scan(async move |tx| log_search::read(tx, wanted).await).await
    }
}

impl Answer<ReadSlots> for Local {
    async fn answer(&self, ReadSlots { scope, name }: ReadSlots) -> Result<Vec<HeldSlots>> {
        let now = self.now();
        let read = async move |tx: &mut Tx<'_>| match concurrency_limit::read(tx, scope, &name, now)
            .await?
        {
            Some(limit) => slot::holders(tx, limit.id, now).await,
            None => Ok(Vec::new()),
        };
        self.store.read(read).await
    }
}
