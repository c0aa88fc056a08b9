//! Picture: a flow run at one moment, with its task runs by task and its subflows.

use std::collections::HashMap;
use std::pin::Pin;

use flowkit::Result;
use flowkit::model::{Artifact, ArtifactKind, FlowRunId, RunCounts, StateType, TaskRun};
use flowkit::wire::{
    CountTaskRuns, FilterArtifacts, FilterTaskRuns, Page, ReadFlowRun, StateFilter, TaskRunFilter,
};

use crate::named_run::NamedRun;
use crate::session::Session;

/// Up to so many task runs are all read; of more, only those that want to be seen.
const READ_ALL: u64 = 500;

/// How many task runs are shown by themselves among many, of those at work and of those that went wrong.
pub(super) const SEEN: usize = 8;

/// The types of state of task runs that are shown by themselves among many others.
pub(super) const AT_WORK: [StateType; 2] = [StateType::Running, StateType::Cancelling];
pub(super) const WENT_WRONG: [StateType; 2] = [StateType::Failed, StateType::Crashed];

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

/// Paints pictures of a flow run, one after another.
#[derive(Debug, Default)]
pub(super) struct Painter {
    /// What went wrong in large flow runs, which is too much to look for each time.
    failures: HashMap<FlowRunId, Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    /// How many there were when they were looked for.
    count: u64,
    /// The first of them.
    runs: Vec<TaskRun>,
}

type Painting<'a> = Pin<Box<dyn Future<Output = Result<Picture>> + 'a>>;

impl Painter {
    /// Reads a flow run anew, with all below it.
    pub(super) async fn paint(&mut self, session: &Session, named: &NamedRun) -> Result<Picture> {
        let run = session.call(ReadFlowRun { id: named.run.id }).await?;
        let flow_name = named.flow_name.clone();
        self.paint_below(session, NamedRun { flow_name, run }, 0).await
    }

    fn paint_below<'a>(
        &'a mut self,
        session: &'a Session,
        named: NamedRun,
        depth: usize,
    ) -> Painting<'a> {
        Box::pin(async move {
            let id = named.run.id;
            let counts = session.call(CountTaskRuns { flow_run_id: id }).await?;
            let is_partial = counts.total() > READ_ALL;
            let runs = if is_partial {
                self.noteworthy(session, id, &counts).await?
            } else {
                task_runs(session, id, None, READ_ALL).await?
            };
            let mut tasks: Vec<TaskRuns> = Vec::new();
            for run in runs {
                let subflow = match subflow(session, &run, depth).await? {
                    Some(named) => Some(self.paint_below(session, named, depth + 1).await?),
                    None => None,
                };
                let of_task = of_task(&mut tasks, &run.task_key);
                of_task.runs.push(run);
                of_task.subflows.extend(subflow);
            }
            let progress = progress(session, id).await?;
            Ok(Picture { named, counts, tasks, progress, is_partial })
        })
    }

    /// Of many task runs those that went wrong or are at work.
    async fn noteworthy(
        &mut self,
        session: &Session,
        id: FlowRunId,
        counts: &RunCounts,
    ) -> Result<Vec<TaskRun>> {
        let failures = self.failures.entry(id).or_default();
        let count = WENT_WRONG.into_iter().map(|kind| counts.of(kind)).sum();
        let is_full = failures.runs.len() >= SEEN;
        if failures.count < count && !is_full || failures.count > count {
            failures.runs = task_runs(session, id, Some(&WENT_WRONG), SEEN as u64).await?;
            failures.count = count;
        }
        let mut runs = failures.runs.clone();
        runs.extend(task_runs(session, id, Some(&AT_WORK), SEEN as u64).await?);
        Ok(runs)
    }
}

/// The runs of a task, which are perhaps the first of it.
fn of_task<'a>(tasks: &'a mut Vec<TaskRuns>, key: &str) -> &'a mut TaskRuns {
    let known = tasks.iter().position(|of_task| of_task.key == key);
    let place = known.unwrap_or(tasks.len());
    if known.is_none() {
        tasks.push(TaskRuns { key: key.to_owned(), runs: Vec::new(), subflows: Vec::new() });
    }
    &mut tasks[place]
}

async fn task_runs(
    session: &Session,
    id: FlowRunId,
    kinds: Option<&[StateType]>,
    most: u64,
) -> Result<Vec<TaskRun>> {
    let state = kinds.map(|kinds| StateFilter::from(kinds.to_vec()));
    let task_runs =
        TaskRunFilter { flow_run_id: Some(vec![id].into()), state, ..TaskRunFilter::default() };
    let page = Page::first(u32::try_from(most).unwrap_or(u32::MAX));
    session.call(FilterTaskRuns { task_runs, page, ..FilterTaskRuns::default() }).await
}

/// The subflow that a task run stands for.
async fn subflow(session: &Session, run: &TaskRun, depth: usize) -> Result<Option<NamedRun>> {
    let child = run.state.as_ref().and_then(|state| state.details().child_flow_run_id);
    let Some(id) = child.filter(|_| depth < DEPTH) else { return Ok(None) };
    let run = session.call(ReadFlowRun { id }).await?;
    NamedRun::of(session, run).await.map(Some)
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
