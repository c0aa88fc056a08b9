//! Bookkeeping: what a run notes when its state is written.
//!
//! Times are those of the states. A clock that was set back makes no run end before it
//! started and none run for less than no time.

use std::time::Duration;

use crate::model::{FlowRun, State, StateType, Tally, TaskRun};

/// Gives a flow run its new state and brings its times and counters up to date.
///
/// The state that it has already (one with the same id) changes nothing, so that the state of
/// every [`Verdict`](super::Verdict) can be handed here.
pub fn enter_flow_run(run: &mut FlowRun, state: State) {
    if is_same(run.state.as_ref(), &state) {
        return;
    }
    let mut tally = Tally::from(&*run);
    tally.enter_flow_run(run.state.as_ref(), &state);
    run.run_count = tally.run_count;
    run.expected_start_time = tally.expected_start_time;
    run.start_time = tally.start_time;
    run.end_time = tally.end_time;
    run.total_run_time = tally.run_time.as_secs_f64();
    let scheduled = state.kind == StateType::Scheduled;
    run.next_scheduled_start_time = state.details().scheduled_time.filter(|_| scheduled);
    run.state = Some(state);
}

/// Gives a task run its new state and brings its times and counters up to date.
///
/// As [`enter_flow_run`], in a flow run that was started `flow_run_run_count` times by now.
pub fn enter_task_run(run: &mut TaskRun, state: State, flow_run_run_count: u32) {
    if is_same(run.state.as_ref(), &state) {
        return;
    }
    let mut tally = Tally::from(&*run);
    tally.enter_task_run(run.state.as_ref(), &state, flow_run_run_count);
    run.run_count = tally.run_count;
    run.flow_run_run_count = tally.flow_run_run_count;
    run.expected_start_time = tally.expected_start_time;
    run.start_time = tally.start_time;
    run.end_time = tally.end_time;
    run.total_run_time = tally.run_time.as_secs_f64();
    run.state = Some(state);
}

impl Tally {
    /// Notes that a flow run leaves `current` for `state`; going on after a pause is no new start.
    pub fn enter_flow_run(&mut self, current: Option<&State>, state: &State) {
        if is_same(current, state) {
            return;
        }
        if state.kind == StateType::Running && !current.is_some_and(is_resuming) {
            self.run_count = self.run_count.saturating_add(1);
        }
        self.enter(current, state);
    }

    /// Notes that a task run leaves `current` for `state`.
    ///
    /// When its flow run, started `flow_run_run_count` times by now, was started again since the
    /// task run last moved, its own starts are counted anew. How long it was running before the
    /// process of that try died is not known and not added.
    pub fn enter_task_run(
        &mut self,
        current: Option<&State>,
        state: &State,
        flow_run_run_count: u32,
    ) {
        if is_same(current, state) {
            return;
        }
        let retried = flow_run_run_count > self.flow_run_run_count;
        if retried {
            self.flow_run_run_count = flow_run_run_count;
            self.run_count = 0;
        }
        if state.kind == StateType::Running {
            self.run_count = self.run_count.saturating_add(1);
        }
        self.enter(current.filter(|_| !retried), state);
    }

    fn enter(&mut self, current: Option<&State>, state: &State) {
        if let Some(current) = current
            && current.kind == StateType::Running
        {
            let passed = state.timestamp.since(current.timestamp);
            self.run_time = self.run_time.saturating_add(passed);
        }
        if self.expected_start_time.is_none() {
            let scheduled = state.kind == StateType::Scheduled;
            let time = state.details().scheduled_time.filter(|_| scheduled);
            self.expected_start_time = time.or(Some(state.timestamp));
        }
        if state.kind == StateType::Running && self.start_time.is_none() {
            self.start_time = Some(state.timestamp);
        }
        // The first end counts, and a run that goes on has none. Prefect notes none for a run that
        // never started either; we do, so that its age can be told.
        if !state.is_terminal() {
            self.end_time = None;
        } else if self.end_time.is_none() {
            self.end_time = self.start_time.max(Some(state.timestamp));
        }
    }
}

impl From<&FlowRun> for Tally {
    fn from(run: &FlowRun) -> Self {
        Self {
            run_count: run.run_count,
            flow_run_run_count: 0,
            expected_start_time: run.expected_start_time,
            start_time: run.start_time,
            end_time: run.end_time,
            run_time: Duration::try_from_secs_f64(run.total_run_time).unwrap_or_default(),
        }
    }
}

impl From<&TaskRun> for Tally {
    fn from(run: &TaskRun) -> Self {
        Self {
            run_count: run.run_count,
            flow_run_run_count: run.flow_run_run_count,
            expected_start_time: run.expected_start_time,
            start_time: run.start_time,
            end_time: run.end_time,
            run_time: Duration::try_from_secs_f64(run.total_run_time).unwrap_or_default(),
        }
    }
}

fn is_same(current: Option<&State>, state: &State) -> bool {
    current.is_some_and(|current| current.id == state.id)
}

/// Says whether a flow run that leaves this state to run goes on after a pause.
fn is_resuming(current: &State) -> bool {
    match current.kind {
        StateType::Paused => true,
        StateType::Scheduled | StateType::Pending => current.details().pause_key.is_some(),
        StateType::Running
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed
        | StateType::Cancelling => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{at, flow_run, task_run};
    use super::*;

    #[test]
    fn flow_run_notes_its_times_and_starts() {
        let mut run = flow_run(None);
        enter_flow_run(&mut run, State::scheduled(at(5), at(0)));
        assert_eq!(run.next_scheduled_start_time, Some(at(5)));
        enter_flow_run(&mut run, State::pending(at(6)));
        assert_eq!(run.next_scheduled_start_time, None);
        enter_flow_run(&mut run, State::running(at(7)));
        enter_flow_run(&mut run, State::failed("why", at(9)));
        assert_eq!(run.expected_start_time, Some(at(5)));
        assert_eq!((run.start_time, run.end_time), (Some(at(7)), Some(at(9))));
        assert_eq!((run.run_count, run.total_run_time), (1, 2.0));
    }

    #[test]
    fn run_that_goes_on_has_no_end_but_keeps_its_start() {
        let mut run = flow_run(None);
        for state in [State::running(at(1)), State::crashed("why", at(2)), State::running(at(5))] {
            enter_flow_run(&mut run, state);
        }
        assert_eq!((run.start_time, run.end_time, run.run_count), (Some(at(1)), None, 2));
    }

    #[test]
    fn first_end_counts() {
        let mut run = flow_run(None);
        enter_flow_run(&mut run, State::cancelled(at(1)));
        enter_flow_run(&mut run, State::crashed("forced", at(2)));
        assert_eq!((run.start_time, run.end_time), (None, Some(at(1))));
    }

    #[test]
    fn state_that_the_run_has_already_changes_nothing() {
        let mut run = flow_run(None);
        enter_flow_run(&mut run, State::running(at(1)));
        let before = run.clone();
        enter_flow_run(&mut run, before.state.clone().expect("it is running"));
        assert_eq!(run, before);
    }

    #[test]
    fn going_on_after_a_pause_is_no_new_start() {
        let mut run = flow_run(None);
        let mut resuming = State::scheduled(at(3), at(3)).named("Resuming");
        resuming.details_mut().pause_key = Some("1".into());
        let states = [
            State::running(at(1)),
            State::paused(None, at(2)),
            State::running(at(3)),
            State::paused(None, at(4)),
            resuming,
            State::running(at(5)),
        ];
        states.into_iter().for_each(|state| enter_flow_run(&mut run, state));
        assert_eq!((run.run_count, run.total_run_time), (1, 2.0));
    }

    #[test]
    fn clock_that_was_set_back_makes_no_negative_durations() {
        let mut run = task_run(None);
        enter_task_run(&mut run, State::running(at(9)), 1);
        enter_task_run(&mut run, State::completed(at(1)), 1);
        assert_eq!((run.start_time, run.end_time), (Some(at(9)), Some(at(9))));
        assert!(run.total_run_time.abs() < f64::EPSILON);
    }

    #[test]
    fn retried_flow_run_counts_the_starts_of_its_task_runs_anew() {
        let mut run = task_run(None);
        enter_task_run(&mut run, State::running(at(1)), 1);
        enter_task_run(&mut run, State::awaiting_retry(at(2), at(2)), 1);
        enter_task_run(&mut run, State::running(at(3)), 1);
        assert_eq!((run.run_count, run.flow_run_run_count), (2, 1));
        enter_task_run(&mut run, State::pending(at(900)), 2);
        assert_eq!((run.run_count, run.flow_run_run_count), (0, 2));
        enter_task_run(&mut run, State::running(at(901)), 2);
        // The time until the process died is not known.
        assert_eq!((run.run_count, run.total_run_time), (1, 1.0));
    }
}
