//! What holds for every run, every proposal and every order of time.

use proptest::prelude::*;

use super::flow_run::FlowRunFacts;
use super::sample::{any_kind, any_policy, any_state, at, flow_run, retries, task_run};
use super::task_run::{Slots, TaskRunFacts};
use super::{Verdict, bookkeeping, flow_run as flow_rules, task_run as task_rules};
use crate::model::{FlowRun, Program, State, StateType, TaskRun};

fn any_flow_run() -> impl Strategy<Value = FlowRun> {
    let count = prop_oneof![0_u32..4, Just(u32::MAX)];
    (prop::option::of(any_state()), any_policy(), count, any::<[bool; 2]>()).prop_map(
        |(state, policy, run_count, [subflow, program])| FlowRun {
            empirical_policy: policy,
            run_count,
            parent_task_run_id: subflow.then(|| uuid::Uuid::from_u128(7).into()),
            program: program.then(|| Program { executable: "etl".into(), working_dir: ".".into() }),
            ..flow_run(state)
        },
    )
}

fn any_flow_run_facts() -> impl Strategy<Value = FlowRunFacts> {
    any::<[bool; 4]>().prop_map(|[deployed, resume, infrastructure, pause_fired]| FlowRunFacts {
        deployed,
        resume,
        infrastructure,
        pause_fired,
    })
}

fn any_task_run() -> impl Strategy<Value = TaskRun> {
    let count = prop_oneof![0_u32..4, Just(u32::MAX)];
    (prop::option::of(any_state()), any_policy(), count, 0_u32..4).prop_map(
        |(state, policy, run_count, flow_run_run_count)| TaskRun {
            empirical_policy: policy,
            run_count,
            flow_run_run_count,
            ..task_run(state)
        },
    )
}

fn any_task_run_facts() -> impl Strategy<Value = TaskRunFacts> {
    let slots = prop_oneof![
        4 => Just(Slots::Granted),
        1 => any::<std::time::Duration>()
            .prop_map(|retry_after| Slots::Full { tag: "db".into(), retry_after }),
        1 => Just(Slots::Closed { tag: "db".into() }),
    ];
    let cached = prop::option::of(any_state());
    (prop::option::of(any_kind()), 0_u32..4, any::<bool>(), cached, slots, prop::num::f64::ANY)
        .prop_map(|(flow_run, flow_run_run_count, has_result, cached, slots, chance)| {
            TaskRunFacts { flow_run, flow_run_run_count, has_result, cached, slots, chance }
        })
}

/// The state that the verdict has written over `current`, if any.
fn written(verdict: Verdict, current: Option<&State>) -> Option<State> {
    match verdict {
        Verdict::Accept(state) | Verdict::Reject { state, .. } => {
            (Some(&state) != current).then_some(state)
        }
        Verdict::Wait { .. } | Verdict::Abort { .. } => None,
    }
}

proptest! {
    #[test]
    fn ended_flow_run_is_left_only_with_permission(
        run in any_flow_run(), facts in any_flow_run_facts(), proposed in any_state(), now in 0_u64..100,
    ) {
        let verdict = flow_rules::propose(&run, facts, proposed, at(now));
        let ended = run.state.as_ref().filter(|state| state.is_terminal());
        if let (Some(ended), Some(state)) = (ended, written(verdict, run.state.as_ref())) {
            let resumed = facts.resume && !ended.is_completed();
            let again = facts.deployed || run.program.is_some();
            prop_assert!(!state.is_terminal());
            prop_assert!(resumed || again && state.kind == StateType::Scheduled);
        }
    }

    #[test]
    fn ended_task_run_is_left_only_in_a_retried_flow_run(
        run in any_task_run(), facts in any_task_run_facts(), proposed in any_state(), now in 0_u64..100,
    ) {
        let verdict = task_rules::propose((&run).into(), &facts, proposed, at(now));
        let ended = run.state_type().is_terminal();
        if ended && written(verdict, run.state.as_ref()).is_some() {
            prop_assert!(facts.flow_run_run_count > run.flow_run_run_count);
        }
    }

    #[test]
    fn running_is_entered_neither_twice_nor_before_its_time(
        run in any_flow_run(), facts in any_flow_run_facts(), now in 0_u64..100,
    ) {
        let verdict = flow_rules::propose(&run, facts, State::running(at(now)), at(now));
        if let Verdict::Accept(_) = verdict {
            prop_assert!(run.state.is_none() || run.state_type() != StateType::Running);
            let waits = [StateType::Scheduled, StateType::Pending].contains(&run.state_type());
            let time = run.state.as_ref().and_then(|state| state.details().scheduled_time);
            prop_assert!(!waits || time.is_none_or(|time| time <= at(now)));
        }
    }

    #[test]
    fn flow_run_that_always_fails_starts_once_more_than_it_has_retries(allowed in 0_u32..20) {
        let mut run = FlowRun { empirical_policy: retries(allowed), ..flow_run(None) };
        let (mut now, mut starts) = (at(0), 0);
        while !run.state_type().is_terminal() {
            let proposed = if run.state.is_some() && run.state_type() == StateType::Running {
                State::failed("why", now)
            } else {
                State::running(now)
            };
            match flow_rules::propose(&run, FlowRunFacts::default(), proposed, now) {
                Verdict::Accept(state) | Verdict::Reject { state, .. } => {
                    starts += u32::from(state.kind == StateType::Running);
                    bookkeeping::enter_flow_run(&mut run, state);
                }
                Verdict::Wait { delay, .. } => now = now + delay,
                Verdict::Abort { reason } => prop_assert!(false, "{reason}"),
            }
        }
        prop_assert_eq!((starts, run.run_count), (allowed + 1, allowed + 1));
        prop_assert_eq!(now, at(10 * u64::from(allowed)));
    }

    #[test]
    fn task_run_that_always_fails_starts_anew_in_every_try_of_its_flow_run(
        allowed in 0_u32..10, tries in 1_u32..5, chance in 0.0..=1.0, factor in 0.0_f64..2.0,
    ) {
        let mut policy = retries(allowed);
        policy.retry_jitter_factor = Some(factor);
        let mut run =
            TaskRun { empirical_policy: policy, flow_run_run_count: 0, ..task_run(None) };
        let mut now = at(0);
        for flow_run_run_count in 1..=tries {
            let facts = TaskRunFacts {
                flow_run: Some(StateType::Running),
                flow_run_run_count,
                chance,
                ..TaskRunFacts::default()
            };
            let mut names = Vec::new();
            let mut proposed = State::pending(now);
            loop {
                match task_rules::propose((&run).into(), &facts, proposed, now) {
                    Verdict::Accept(state) | Verdict::Reject { state, .. } => {
                        if state.kind == StateType::Running {
                            names.push(state.name.to_string());
                        }
                        bookkeeping::enter_task_run(&mut run, state, flow_run_run_count);
                    }
                    Verdict::Wait { delay, .. } => now = now + delay,
                    Verdict::Abort { reason } => prop_assert!(false, "{reason}"),
                }
                proposed = if run.state_type() == StateType::Failed {
                    break;
                } else if run.state_type() == StateType::Running {
                    State::failed("why", now)
                } else {
                    State::running(now)
                };
            }
            let first = if flow_run_run_count == 1 { "Running" } else { "Rerunning" };
            prop_assert_eq!(names.len(), usize::try_from(allowed).unwrap() + 1);
            prop_assert_eq!(&names[0], first);
            prop_assert!(names[1..].iter().all(|name| name == "Retrying"), "{:?}", names);
            prop_assert_eq!(run.run_count, allowed + 1);
        }
    }

    #[test]
    fn run_never_ends_before_it_starts_nor_runs_for_less_than_no_time(
        states in prop::collection::vec(any_state(), 0..12), tries in prop::collection::vec(0_u32..3, 12),
    ) {
        let (mut flow, mut task) = (flow_run(None), task_run(None));
        for (state, flow_run_run_count) in states.into_iter().zip(tries) {
            let terminal = state.is_terminal();
            bookkeeping::enter_flow_run(&mut flow, state.clone());
            bookkeeping::enter_task_run(&mut task, state, flow_run_run_count);
            prop_assert_eq!(flow.end_time.is_some(), terminal);
            prop_assert!(flow.end_time.is_none() || flow.start_time <= flow.end_time);
            prop_assert!(task.end_time.is_none() || task.start_time <= task.end_time);
            prop_assert!(flow.total_run_time >= 0.0 && task.total_run_time >= 0.0);
        }
    }
}
