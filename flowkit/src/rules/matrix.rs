//! Every move of both kinds of run in one table each: a changed cell is changed behaviour.

use std::fmt::Write as _;

use super::flow_run::FlowRunFacts;
use super::sample::{at, flow_run, retries, task_run};
use super::task_run::TaskRunFacts;
use super::{Verdict, flow_run as flow_rules, task_run as task_rules};
use crate::model::{FlowRun, State, StateType, TaskRun};

type Judge = fn(Option<State>, State) -> (Verdict, &'static str);

/// Rows are the states that the run is in, columns the proposed ones.
fn table(judge: Judge) -> String {
    let mut text = format!("{:<11}", "from \\ to");
    for to in proposals() {
        let _ = write!(text, "| {:<21}", to.name);
    }
    let from = std::iter::once(None).chain(StateType::ALL.map(Some));
    for from in from {
        let name = from.map_or("none", StateType::default_name);
        let _ = write!(text, "\n{name:<11}");
        for to in proposals() {
            let from = from.map(state);
            let _ =
                write!(text, "| {:<21}", cell(from.as_ref(), &to, judge(from.clone(), to.clone())));
        }
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn proposals() -> impl Iterator<Item = State> {
    StateType::ALL.into_iter().map(state)
}

/// Scheduled for the moment of the proposal.
fn state(kind: StateType) -> State {
    match kind {
        StateType::Scheduled => State::scheduled(at(0), at(0)),
        StateType::Pending
        | StateType::Running
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Paused
        | StateType::Cancelling => State::new(kind, at(0)),
    }
}

fn cell(from: Option<&State>, to: &State, (verdict, key): (Verdict, &str)) -> String {
    match verdict {
        Verdict::Accept(state) if state.name == to.name => "accept".into(),
        Verdict::Accept(state) => format!("accept as {}", state.name),
        Verdict::Reject { state, .. } if Some(&state) == from => format!("keep: {key}"),
        Verdict::Reject { state, .. } => format!("{}: {key}", state.name),
        Verdict::Wait { .. } => format!("wait: {key}"),
        Verdict::Abort { .. } => format!("abort: {key}"),
    }
}

#[test]
fn flow_run_of_a_call() {
    let table =
        table(|from, to| flow_rules::judge(&flow_run(from), FlowRunFacts::default(), to, at(0)));
    insta::assert_snapshot!(table);
}

#[test]
fn flow_run_of_a_deployment_with_retries() {
    let table = table(|from, to| {
        let run = FlowRun { empirical_policy: retries(1), ..flow_run(from) };
        let facts =
            FlowRunFacts { deployed: true, infrastructure: true, ..FlowRunFacts::default() };
        flow_rules::judge(&run, facts, to, at(0))
    });
    insta::assert_snapshot!(table);
}

#[test]
fn flow_run_that_is_resumed() {
    let table = table(|from, to| {
        let facts = FlowRunFacts { resume: true, ..FlowRunFacts::default() };
        flow_rules::judge(&flow_run(from), facts, to, at(0))
    });
    insta::assert_snapshot!(table);
}

#[test]
fn task_run_with_retries() {
    let table = table(|from, to| judge_task_run(from, to, 1));
    insta::assert_snapshot!(table);
}

#[test]
fn task_run_in_a_retried_flow_run() {
    let table = table(|from, to| judge_task_run(from, to, 2));
    insta::assert_snapshot!(table);
}

fn judge_task_run(
    from: Option<State>,
    to: State,
    flow_run_run_count: u32,
) -> (Verdict, &'static str) {
    let run = TaskRun { empirical_policy: retries(1), ..task_run(from) };
    let facts = TaskRunFacts {
        flow_run: Some(StateType::Running),
        flow_run_run_count,
        ..TaskRunFacts::default()
    };
    task_rules::judge((&run).into(), &facts, to, at(0))
}
