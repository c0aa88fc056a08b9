//! Picture: a flow run at one moment, with its task runs by task and its subflows.

use std::pin::Pin;

use flowkit::Result;
use flowkit::model::{Artifact, ArtifactKind, FlowRunId, RunCounts, StateType, TaskRun};
use flowkit::wire::{
    CountTaskRuns, FilterArtifacts, FilterTaskRuns, Page, ReadFlowRun, StateFilter, TaskRunFilter,
    TaskRunSort,
};

use crate::named_run::NamedRun;
use crate::session::Session;

/// Up to so many task runs are all read; of more, only those that want to be seen.
const READ_ALL: u64 = 500;

/// How many task runs of a large flow run are looked at.
const READ_SOME: Page = Page::first(100);

/// How deep subflows are followed.
const DEPTH: usize = 5;

/// A flow run at one moment.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) named: NamedRun,
    /// How many task runs are in each type of state, those that are not listed included.
    pub(super) counts: RunCounts,
    pub(super) tasks: Vec<TaskRuns>,
    pub(super) progress: Vec<Artifact>,
    /// Whether `tasks` holds only the task runs that want to be seen.
    pub(super) is_partial: bool,
}

/// The runs of one task.
#[derive(Debug)]
pub(super) struct TaskRuns {
    pub(super) key: String,
    pub(super) runs: Vec<TaskRun>,
    /// The subflows that some of the task runs stand for.
    pub(super) subflows: Vec<Picture>,
}

impl Picture {
    /// Reads a flow run anew, with all below it.
    pub(super) async fn of(session: &Session, named: NamedRun) -> Result<Self> {
        let run = session.call(ReadFlowRun { id: named.run.id }).await?;
        read(session, NamedRun { run, ..named }, 0).await
    }
}

type Reading<'a> = Pin<Box<dyn Future<Output = Result<Picture>> + 'a>>;

fn read(session: &Session, named: NamedRun, depth: usize) -> Reading<'_> {
    Box::pin(async move {
        let id = named.run.id;
        let counts = session.call(CountTaskRuns { flow_run_id: id }).await?;
        let is_partial = counts.total() > READ_ALL;
        let runs = session.call(wanted(id, is_partial)).await?;
        let mut tasks: Vec<TaskRuns> = Vec::new();
        for run in runs {
            let subflow = subflow(session, &run, depth).await?;
            let of_task = match tasks.iter_mut().find(|of_task| of_task.key == run.task_key) {
                Some(of_task) => of_task,
                None => {
                    let key = run.task_key.clone();
                    tasks.push(TaskRuns { key, runs: Vec::new(), subflows: Vec::new() });
                    tasks.last_mut().expect("one was pushed")
                }
            };
            of_task.runs.push(run);
            of_task.subflows.extend(subflow);
        }
        let progress = progress(session, id).await?;
        Ok(Picture { named, counts, tasks, progress, is_partial })
    })
}

fn wanted(id: FlowRunId, is_partial: bool) -> FilterTaskRuns {
    let all = TaskRunFilter { flow_run_id: Some(vec![id].into()), ..TaskRunFilter::default() };
    if !is_partial {
        let page = Page::first(u32::try_from(READ_ALL).unwrap_or(u32::MAX));
        return FilterTaskRuns { task_runs: all, sort: TaskRunSort::IdAsc, page };
    }
    let kinds = StateType::ALL.into_iter().filter(|kind| wants_to_be_seen(*kind));
    let state = StateFilter { kind: Some(kinds.collect::<Vec<_>>().into()), name: None };
    let some = TaskRunFilter { state: Some(state), ..all };
    FilterTaskRuns { task_runs: some, sort: TaskRunSort::IdAsc, page: READ_SOME }
}

/// Says whether a task run is shown by itself among many others: it is at work, or went wrong.
pub(super) const fn wants_to_be_seen(kind: StateType) -> bool {
    match kind {
        StateType::Running | StateType::Failed | StateType::Crashed | StateType::Cancelling => true,
        StateType::Scheduled
        | StateType::Pending
        | StateType::Completed
        | StateType::Cancelled
        | StateType::Paused => false,
    }
}

/// The subflow that a task run stands for.
async fn subflow(session: &Session, run: &TaskRun, depth: usize) -> Result<Option<Picture>> {
    let child = run.state.as_ref().and_then(|state| state.details().child_flow_run_id);
    let Some(id) = child.filter(|_| depth < DEPTH) else { return Ok(None) };
    let run = session.call(ReadFlowRun { id }).await?;
    let named = NamedRun::of(session, run).await?;
    Ok(Some(read(session, named, depth + 1).await?))
}

/// What the run says itself of how far it is.
async fn progress(session: &Session, id: FlowRunId) -> Result<Vec<Artifact>> {
    let artifacts = FilterArtifacts {
        flow_run_id: Some(vec![id].into()),
        kind: Some(ArtifactKind::Progress),
        page: Page::first(10),
        ..FilterArtifacts::default()
    };
    session.call(artifacts).await
}
