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

use super::picture::{AT_WORK, Picture, SEEN, TaskRuns, WENT_WRONG};
use crate::named_run::run_time;
use crate::{colour, counts, moment};

/// Up to so many runs of a task are leaves of their own, whatever their state.
const FEW: usize = 5;

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
    if runs.len() <= FEW {
        return runs.iter().map(|run| leaf(run, now)).collect();
    }
    let mut seen = leaves(runs, &WENT_WRONG, now);
    seen.extend(leaves(runs, &AT_WORK, now));
    if is_partial {
        return seen;
    }
    let name = of_task.key.rsplit("::").next().unwrap_or_default();
    vec![Branch { text: format!("{name}: {}", counts::line(&count(runs))), below: seen }]
}

/// The first runs in such a state, and how many more there are.
fn leaves(runs: &[TaskRun], kinds: &[StateType], now: Timestamp) -> Vec<Branch> {
    let wanted: Vec<_> = runs.iter().filter(|run| kinds.contains(&run.state_type())).collect();
    let mut leaves: Vec<_> = wanted.iter().take(SEEN).map(|run| leaf(run, now)).collect();
    if wanted.len() > SEEN {
        leaves.push(Branch::leaf(format!("… and {} more", wanted.len() - SEEN)));
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
    Branch::leaf(format!("{what}: {:.0} %", artifact.data.as_f64().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use anstream::adapter::strip_str;
    use serde_json::{Value, json};

    use super::*;
    use crate::named_run::NamedRun;

    const ID: &str = "01890000-0000-7000-8000-000000000000";
    const THEN: &str = "2026-01-01T00:00:00Z";

    fn state(kind: StateType, message: Option<&str>) -> Value {
        let name = kind.default_name();
        json!({ "id": ID, "type": kind, "name": name, "timestamp": THEN, "message": message })
    }

    fn task_run(name: &str, kind: StateType, message: Option<&str>) -> TaskRun {
        let run = json!({
            "id": ID, "created": THEN, "updated": THEN, "name": name, "task_key": "demo::load",
            "dynamic_key": name, "state": state(kind, message),
        });
        serde_json::from_value(run).expect("a task run")
    }

    fn picture(name: &str, tasks: Vec<TaskRuns>) -> Picture {
        let run = json!({
            "id": ID, "created": THEN, "updated": THEN, "name": name, "flow_id": ID,
            "start_time": THEN, "state": state(StateType::Running, None),
        });
        let run = serde_json::from_value(run).expect("a flow run");
        let named = NamedRun { flow_name: "demo".to_owned(), run };
        let counts = RunCounts(BTreeMap::from([(StateType::Completed, 99_998)]));
        Picture { named, counts, tasks, progress: Vec::new(), is_partial: false }
    }

    fn task(runs: Vec<TaskRun>, subflows: Vec<Picture>) -> TaskRuns {
        TaskRuns { key: "demo::load".to_owned(), runs, subflows }
    }

    #[track_caller]
    fn check(picture: &Picture, expected: &[&str]) {
        let now = THEN.parse().expect("a time");
        let lines: Vec<_> = lines(picture, now).iter().map(|l| strip_str(l).to_string()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn few_runs_are_leaves_and_subflows_are_nested() {
        let few = vec![
            task_run("load-0", StateType::Completed, None),
            task_run("load-1", StateType::Failed, Some("no such file\nat all")),
        ];
        let inner = picture("inner", vec![task(few, Vec::new())]);
        let placeholder = vec![task_run("demo-0", StateType::Running, None)];
        let last = vec![task_run("sweep-0", StateType::Pending, None)];
        let outer = picture("outer", vec![task(placeholder, vec![inner]), task(last, Vec::new())]);

        check(
            &outer,
            &[
                "demo/outer Running 0ms",
                "├─ demo/inner Running 0ms",
                "│  ├─ load-0 Completed",
                "│  └─ load-1 Failed: no such file",
                "└─ sweep-0 Pending",
            ],
        );
    }

    #[test]
    fn of_many_runs_those_at_work_or_failed_are_shown() {
        let mut many: Vec<_> =
            (0..95).map(|n| task_run(&format!("load-{n}"), StateType::Completed, None)).collect();
        many.extend((95..107).map(|n| task_run(&format!("load-{n}"), StateType::Running, None)));
        let mut expected = vec![
            "demo/outer Running 0ms".to_owned(),
            "└─ load: 12 running, 95 completed".to_owned(),
        ];
        expected.extend((95..103).map(|n| format!("   ├─ load-{n} Running")));
        expected.push("   └─ … and 4 more".to_owned());
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();

        check(&picture("outer", vec![task(many, Vec::new())]), &expected);
    }

    #[test]
    fn huge_run_tells_its_counts_first() {
        let seen = vec![task_run("load-7", StateType::Running, None)];
        let mut huge = picture("outer", vec![task(seen, Vec::new())]);
        huge.is_partial = true;

        check(
            &huge,
            &["demo/outer Running 0ms", "├─ task runs: 99998 completed", "└─ load-7 Running"],
        );
    }
}
