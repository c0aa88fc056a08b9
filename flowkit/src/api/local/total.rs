//! Answers that are one number, and pages of lists with their length.

use super::Local;
use crate::Result;
use crate::api::Answer;
use crate::model::{Flow, FlowRun, TaskRun};
use crate::store::{Tx, flow, flow_run, task_run};
use crate::wire::{
    FilterFlowRuns, FilterFlows, FilterTaskRuns, PaginateFlowRuns, PaginateFlows, PaginateTaskRuns,
    Paginated, TotalFlowRuns, TotalFlows, TotalTaskRuns,
};

/// Answers with a number, and with a page and that number.
macro_rules! answers {
    ($($noun:ident $field:ident: $total:ty, $filter:ident, $paginate:ty => $thing:ty;)*) => {$(
        impl Answer<$total> for Local {
            async fn answer(&self, wanted: $total) -> Result<u64> {
                let ask = async move |tx: &mut Tx<'_>| {
                    $noun::total(tx, wanted.$field, wanted.related).await
                };
                self.store.scan(ask).await
            }
        }

        impl Answer<$paginate> for Local {
            async fn answer(&self, wanted: $paginate) -> Result<Paginated<$thing>> {
                let (page, number) = (wanted.page.part()?, wanted.page);
                let ask = async move |tx: &mut Tx<'_>| {
                    let filter = $filter {
                        $field: wanted.$field.clone(),
                        related: wanted.related.clone(),
                        sort: wanted.sort,
                        page,
                    };
                    let results = $noun::filter(tx, filter).await?;
                    let count = $noun::total(tx, wanted.$field, wanted.related).await?;
                    Ok(number.with(results, count))
                };
                self.store.scan(ask).await
            }
        }
    )*};
}

answers! {
    flow flows: TotalFlows, FilterFlows, PaginateFlows => Flow;
    flow_run flow_runs: TotalFlowRuns, FilterFlowRuns, PaginateFlowRuns => FlowRun;
    task_run task_runs: TotalTaskRuns, FilterTaskRuns, PaginateTaskRuns => TaskRun;
}
