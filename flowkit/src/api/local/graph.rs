//! Answers with the graph of a flow run.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::Local;
use crate::api::Answer;
use crate::model::{Artifact, ArtifactKind, FlowRun, FlowRunId, State, TaskInput, TaskRun};
use crate::store::{Tx, artifact, flow, flow_run, flow_run_state, task_run};
use crate::wire::{
    Dependency, Edge, FilterArtifacts, FilterFlowRuns, FilterTaskRuns, FlowRunFilter, Graph,
    GraphArtifact, GraphState, Node, NodeKind, Page, ReadFlowRunDependencies, ReadFlowRunGraph,
    TaskRunFilter,
};
use crate::{Error, Result, Timestamp};

/// How many nodes a graph has at most; nobody can look at more.
const MOST: u32 = 10_000;

/// Under which name of an input the task runs stand that called this one.
const CALLERS: &str = "__parents__";

impl Answer<ReadFlowRunDependencies> for Local {
    async fn answer(&self, wanted: ReadFlowRunDependencies) -> Result<Vec<Dependency>> {
        let ask = async move |tx: &mut Tx<'_>| {
            flow_run::need(tx, wanted.id).await?;
            task_runs(tx, wanted.id).await
        };
        Ok(self.store.scan(ask).await?.into_iter().map(dependency).collect())
    }
}

fn dependency(run: TaskRun) -> Dependency {
    let mut upstream_dependencies: Vec<TaskInput> = Vec::new();
    for input in run.task_inputs.into_values().flatten() {
        if !upstream_dependencies.contains(&input) {
            upstream_dependencies.push(input);
        }
    }
    Dependency {
        id: run.id,
        name: run.name,
        upstream_dependencies,
        untrackable_result: run.state.as_ref().is_some_and(is_untrackable),
        state: run.state,
        expected_start_time: run.expected_start_time,
        start_time: run.start_time,
        end_time: run.end_time,
        total_run_time: run.total_run_time,
        estimated_run_time: run.total_run_time,
    }
}

/// What Prefect's clients say of a result that nobody can follow.
fn is_untrackable(state: &State) -> bool {
    state.details().other.get("untrackable_result") == Some(&true.into())
}

impl Answer<ReadFlowRunGraph> for Local {
    async fn answer(&self, ReadFlowRunGraph { id, since }: ReadFlowRunGraph) -> Result<Graph> {
        let ask = async move |tx: &mut Tx<'_>| {
            let run = flow_run::need(tx, id).await?;
            let parts = Parts {
                task_runs: task_runs(tx, id).await?,
                subflows: subflows(tx, id).await?,
                artifacts: artifacts(tx, id).await?,
            };
            let states = flow_run_state::read(tx, id).await?;
            Ok((run, parts, states))
        };
        let (run, parts, states) = self.store.scan(ask).await?;
        let states = states.into_iter().map(|state| GraphState {
            id: state.id,
            timestamp: state.timestamp,
            kind: state.kind,
            name: state.name.into_owned(),
        });
        Ok(parts.graph(&run, states.collect(), since))
    }
}

async fn task_runs(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Vec<TaskRun>> {
    let own = TaskRunFilter { flow_run_id: Some(vec![id].into()), ..TaskRunFilter::default() };
    let page = Page::first(MOST + 1);
    let wanted = FilterTaskRuns { task_runs: own, page, ..FilterTaskRuns::default() };
    let found = task_run::filter(tx, wanted).await?;
    if found.len() > MOST as usize {
        let problem = format!("the graph of flow run {id} has more than {MOST} nodes");
        return Err(Error::invalid(problem));
    }
    Ok(found)
}

/// The flow runs that task runs stand for, with the names of their flows.
async fn subflows(tx: &mut Tx<'_>, id: FlowRunId) -> Result<HashMap<Uuid, (FlowRun, String)>> {
    let parents = Some(vec![id].into());
    let flow_runs = FlowRunFilter { parent_flow_run_id: parents, ..FlowRunFilter::default() };
    let page = Page::first(MOST);
    let wanted = FilterFlowRuns { flow_runs, page, ..FilterFlowRuns::default() };
    let mut names: HashMap<_, String> = HashMap::new();
    let mut found = HashMap::new();
    for run in flow_run::filter(tx, wanted).await? {
        let Some(parent) = run.parent_task_run_id else { continue };
        let name = match names.entry(run.flow_id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => {
                let flow = flow::read(tx, run.flow_id).await?;
                place.insert(flow.map_or_else(String::new, |flow| flow.name)).clone()
            }
        };
        found.insert(parent.as_uuid(), (run, name));
    }
    Ok(found)
}

/// The artifacts of a flow run, each with whether it is the newest of its key.
async fn artifacts(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Vec<(Artifact, bool)>> {
    let flow_run_id = Some(vec![id].into());
    let page = Page::first(MOST);
    let wanted = FilterArtifacts { flow_run_id, page, ..FilterArtifacts::default() };
    let mut found = Vec::new();
    // The newest comes first, so that only the first of each key can be the newest of all.
    let mut seen = HashSet::new();
    for artifact in artifact::filter(tx, wanted).await? {
        let is_latest = match &artifact.key {
            Some(key) if seen.insert(key.clone()) => {
                let latest = artifact::read_latest(tx, key).await?;
                latest.is_some_and(|latest| latest.id == artifact.id)
            }
            Some(_) => false,
            None => true,
        };
        found.push((artifact, is_latest));
    }
    found.reverse();
    Ok(found)
}

/// What a graph is made of.
struct Parts {
    task_runs: Vec<TaskRun>,
    subflows: HashMap<Uuid, (FlowRun, String)>,
    artifacts: Vec<(Artifact, bool)>,
}

impl Parts {
    fn graph(mut self, run: &FlowRun, states: Vec<GraphState>, since: Option<Timestamp>) -> Graph {
        let (artifacts, mut of_task_runs) = self.take_artifacts();
        let mut nodes: Vec<_> = self.task_runs.iter().filter_map(|run| self.node(run)).collect();
        self.connect(&mut nodes);
        for node in &mut nodes {
            node.artifacts = of_task_runs.remove(&node.id).unwrap_or_default();
        }
        if let Some(since) = since {
            nodes.retain(|node| node.end_time.is_none_or(|end| end >= since));
        }
        nodes.sort_by_key(|node| (node.start_time, node.end_time));
        let roots = nodes.iter().filter(|node| node.parents.is_empty());
        Graph {
            start_time: run.start_time.or(run.expected_start_time),
            end_time: run.end_time,
            root_node_ids: roots.map(|node| node.id).collect(),
            nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
            artifacts,
            states,
        }
    }

    /// A task run, or the flow run that it stands for; nothing while it is not known when it starts.
    fn node(&self, run: &TaskRun) -> Option<Node> {
        let own_end = match run.state_type().is_terminal() {
            true => run.end_time.or(run.expected_start_time),
            false => None,
        };
        let own_start = run.start_time.or(run.expected_start_time);
        let child = self.subflows.get(&run.id.as_uuid());
        let start_of =
            |(child, _): &(FlowRun, String)| child.start_time.or(child.expected_start_time);
        Some(Node {
            kind: if child.is_some() { NodeKind::FlowRun } else { NodeKind::TaskRun },
            id: child.map_or(run.id.as_uuid(), |(child, _)| child.id.as_uuid()),
            label: child.map_or_else(
                || run.name.clone(),
                |(child, flow)| format!("{flow} / {}", child.name),
            ),
            state_type: child.map_or(run.state_type(), |(child, _)| child.state_type()),
            start_time: child.and_then(start_of).or(own_start)?,
            end_time: child.and_then(|(child, _)| child.end_time).or(own_end),
            parents: Vec::new(),
            children: Vec::new(),
            encapsulating: Vec::new(),
            artifacts: Vec::new(),
        })
    }

    /// The id of the node that a task run became.
    fn node_id(&self, id: Uuid) -> Uuid {
        self.subflows.get(&id).map_or(id, |(child, _)| child.id.as_uuid())
    }

    fn connect(&self, nodes: &mut [Node]) {
        let places: HashMap<Uuid, usize> =
            nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
        for run in &self.task_runs {
            let Some(&place) = places.get(&self.node_id(run.id.as_uuid())) else { continue };
            let mut parents = BTreeSet::new();
            let mut callers = BTreeSet::new();
            callers.extend(run.parent_task_run_id.map(|id| self.node_id(id.as_uuid())));
            for (name, inputs) in &run.task_inputs {
                let ids = inputs.iter().filter_map(|input| match input {
                    TaskInput::TaskRun { id } => Some(self.node_id(id.as_uuid())),
                    TaskInput::FlowRun { id } => Some(id.as_uuid()),
                    TaskInput::Parameter { .. } | TaskInput::Constant { .. } => None,
                });
                if name == CALLERS { callers.extend(ids) } else { parents.extend(ids) }
            }
            let known = |id: &Uuid| places.contains_key(id);
            let edge = |id| Edge { id };
            for parent in parents.iter().filter_map(|id| places.get(id)) {
                let child = nodes[place].id;
                nodes[*parent].children.push(Edge { id: child });
            }
            nodes[place].parents = parents.into_iter().filter(known).map(edge).collect();
            nodes[place].encapsulating = callers.into_iter().filter(known).map(edge).collect();
        }
    }

    /// The artifacts of the flow run itself, and those of its task runs.
    fn take_artifacts(&mut self) -> (Vec<GraphArtifact>, HashMap<Uuid, Vec<GraphArtifact>>) {
        let mut own = Vec::new();
        let mut of_task_runs: HashMap<_, Vec<_>> = HashMap::new();
        for (artifact, is_latest) in std::mem::take(&mut self.artifacts) {
            let task_run_id = artifact.task_run_id;
            let shown = GraphArtifact {
                id: artifact.id,
                created: artifact.created,
                key: artifact.key,
                kind: artifact.kind,
                is_latest,
                data: (artifact.kind == ArtifactKind::Progress).then_some(artifact.data),
            };
            match task_run_id {
                Some(id) => {
                    of_task_runs.entry(self.node_id(id.as_uuid())).or_default().push(shown);
                }
                None => own.push(shown),
            }
        }
        (own, of_task_runs)
    }
}
