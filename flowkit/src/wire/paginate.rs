//! Operations that answer with a page of a list and its length.

use serde::{Deserialize, Serialize};

use super::{
    FlowFilter, FlowRunFilter, FlowRunSort, FlowSort, Page, Paginated, Related, TaskRunFilter,
    TaskRunSort, operations,
};
use crate::Result;
use crate::model::{Flow, FlowRun, TaskRun, or_default};

operations! {
    PaginateFlows => Paginated<Flow>, Post "/flows/paginate";
    PaginateFlowRuns => Paginated<FlowRun>, Post "/flow_runs/paginate";
    PaginateTaskRuns => Paginated<TaskRun>, Post "/task_runs/paginate";
}

/// Which page of a list is meant, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageNumber {
    /// How many fit on a page.
    #[serde(flatten)]
    of: Page,
    /// Which page.
    page: u32,
}

impl Default for PageNumber {
    fn default() -> Self {
        Self { of: Page::default(), page: 1 }
    }
}

impl PageNumber {
    /// The part of the list that it is.
    ///
    /// # Errors
    /// Invalid for page zero, which there is not.
    pub fn part(self) -> Result<Page> {
        let before = self.page.checked_sub(1).ok_or_else(|| {
            crate::Error::invalid("there is no page 0; pages are counted from one")
        })?;
        let limit = self.of.limit;
        Ok(Page { limit, offset: before.saturating_mul(limit) })
    }

    /// That page, of a list of that length.
    #[must_use]
    pub fn with<T>(self, results: Vec<T>, count: u64) -> Paginated<T> {
        let limit = self.of.limit;
        let pages = count.div_ceil(u64::from(limit.max(1)));
        Paginated { results, count, limit, pages, page: self.page }
    }
}

/// Lists flows page by page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaginateFlows {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flows: FlowFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: FlowSort,
    /// Which page.
    #[serde(flatten)]
    pub page: PageNumber,
}

/// Lists flow runs page by page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PaginateFlowRuns {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
    pub sort: FlowRunSort,
    /// Which page.
    #[serde(flatten)]
    pub page: PageNumber,
}

/// Lists task runs page by page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PaginateTaskRuns {
    /// Which ones.
    #[serde(default, deserialize_with = "or_default")]
    pub task_runs: TaskRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(default = "super::task_run::last_first")]
    pub sort: TaskRunSort,
    /// Which page.
    #[serde(flatten)]
    pub page: PageNumber,
}
