//! Tree: a picture as lines of text.
//!
//! ```text
//! etl/brave-otter Running 12.3s
//! ├─ extract-0 Completed 1.2s
//! ├─ load: 98 completed, 1 failed, 1 running
//! │  ├─ load-17 Failed: no such file
//! │  └─ load-40 Running 2.1s
//! └─ clean/calm-heron Running 0.3s
//!    └─ sweep-0 Running 120ms
//! ```

use flowkit::Timestamp;
use flowkit::model::{Artifact, RunCounts, State, StateType, TaskRun};

use super::picture::{Picture, TaskRuns, wants_to_be_seen};
use crate::named_run::run_time;
use crate::{colour, counts, moment};

/// Up to so many runs of a task are leaves of their own, whatever their state.
const FEW: usize = 5;

/// How many running or failed runs of a task are shown.
const LEAVES: usize = 10;

/// A line and what hangs below it.
struct Branch {
    text: String,
    below: Vec<Self>,
}

impl Branch {
    fn leaf(text: String) -> Self {
        Self { text, below: Vec::new() }
    }
}

/// The lines of a picture.
pub(super) fn lines(picture: &Picture, now: Timestamp) -> Vec<String> {
    let root = flow_run(picture, now);
    let mut lines = vec![root.text];
    hang(&root.below, "", &mut lines);
    lines
}

fn hang(branches: &[Branch], margin: &str, lines: &mut Vec<String>) {
    for (index, branch) in branches.iter().enumerate() {
        let is_last = index + 1 == branches.len();
        let (fork, beside) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        lines.push(format!("{margin}{fork}{}", branch.text));
        hang(&branch.below, &format!("{margin}{beside}"), lines);
    }
}

fn flow_run(picture: &Picture, now: Timestamp) -> Branch {
    let named = &picture.named;
    let took = named.run.start_time.map(|_| named.run_time(now));
    let text = standing(&named.to_string(), named.run.state.as_ref(), took.map(moment::took));
    let mut below: Vec<_> = picture.progress.iter().map(progress).collect();
    if picture.is_partial {
        below.push(Branch::leaf(format!("task runs: {}", counts::line(&picture.counts))));
    }
    below.extend(picture.tasks.iter().flat_map(|of_task| task(of_task, picture.is_partial, now)));
    Branch { text, below }
}

/// The runs of a task: each by itself if they are few, else how many are in which state.
fn task(of_task: &TaskRuns, is_partial: bool, now: Timestamp) -> Vec<Branch> {
    let subflows = of_task.subflows.iter().map(|subflow| flow_run(subflow, now));
    if !of_task.subflows.is_empty() {
        return subflows.collect();
    }
    let runs = &of_task.runs;
    if runs.len() <= FEW || is_partial {
        return leaves(runs.iter(), now);
    }
    let name = of_task.key.rsplit("::").next().unwrap_or_default();
    let text = format!("{name}: {}", counts::line(&count(runs)));
    let seen = runs.iter().filter(|run| wants_to_be_seen(run.state_type()));
    vec![Branch { text, below: leaves(seen, now) }]
}

fn leaves<'a>(runs: impl Iterator<Item = &'a TaskRun>, now: Timestamp) -> Vec<Branch> {
    let mut leaves: Vec<_> = runs.map(|run| leaf(run, now)).collect();
    let hidden = leaves.len().saturating_sub(LEAVES);
    if hidden > 0 {
        leaves.truncate(LEAVES);
        leaves.push(Branch::leaf(format!("… and {hidden} more")));
    }
    leaves
}

fn leaf(run: &TaskRun, now: Timestamp) -> Branch {
    let took = run
        .start_time
        .map(|start| moment::took(run_time(Some(start), run.end_time, run.total_run_time, now)));
    Branch::leaf(standing(&run.name, run.state.as_ref(), took))
}

/// `load-17 Running 2.1s`; one that went wrong says why.
fn standing(name: &str, state: Option<&State>, took: Option<String>) -> String {
    let kind = state.map_or(StateType::Pending, |state| state.kind);
    let mut text = format!("{name} {}", colour::paint(colour::name(state), kind));
    if let Some(took) = took {
        text.push(' ');
        text.push_str(&took);
    }
    if let Some(message) = state.and_then(|state| state.message.as_deref()) {
        text.push_str(": ");
        text.push_str(message.lines().next().unwrap_or_default());
    }
    text
}

fn count(runs: &[TaskRun]) -> RunCounts {
    let mut counts = RunCounts::default();
    for run in runs {
        *counts.0.entry(run.state_type()).or_default() += 1;
    }
    counts
}

fn progress(artifact: &Artifact) -> Branch {
    let what = artifact.key.as_deref().or(artifact.description.as_deref()).unwrap_or("progress");
    Branch::leaf(format!("{what}: {} %", artifact.data))
}
