//! `flowkit flow` and `flowkit flow-run`: lists, all about one run, its logs, its end.

use flowkit::model::{CrashPolicy, FlowRunNotes, Program, RetryPolicy, State};
use flowkit::settings::{Environment, Profiles, Settings};
use flowkit::wire::{CreateFlow, CreateFlowRun};
use flowkit::{Clock, Runtime};

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn empty_database_is_no_error() {
    let mut terminal = Terminal::new();

    terminal.run("flow ls");
    terminal.run("flow-run ls");
    terminal.run("flow-run ls --output json");
    terminal.run("flow-run inspect brave-otter");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn run_is_listed_and_inspected() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("flow ls");
    terminal.run("flow-run ls");
    terminal.run("flow-run ls --flow greeting --tag greetings --state completed --since 1h");
    terminal.run("flow-run ls --flow etl");
    terminal.run("flow-run inspect brave-otter");
    terminal.run("flow-run inspect greeting/brave-otter --output json");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn logs_are_shown_in_prefects_format() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("flow-run logs brave-otter");
    terminal.run("flow-run logs brave-otter --level warning");
    terminal.run("flow-run logs brave-otter --head 1");
    terminal.run("flow-run logs brave-otter --tail 1 --follow");
    terminal.run("flow-run logs brave-otter --task-run greet-1 --output json");
    terminal.run("flow-run logs brave-otter --task-run gret-1");
    terminal.run("flow-run logs brave-otter --level loud");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn wrong_names_are_answered_with_near_ones() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("flow-run inspect brave-oter");
    terminal.run("flow-run inspect greeting/brave-oter");
    terminal.run("flow-run inspect nonsense");
    terminal.run("flow-run inspect 01890000-0000-7000-8000-000000000000");
    terminal.run("flow-run inspect brave-oter --output json");
    terminal.run("flow-run ls --state complted");
    terminal.run("flow-run ls --state foo");
    terminal.run("flow-run ls --state failed --state late");
    terminal.run("flow-run ls --since yesterday");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[tokio::test]
async fn name_of_runs_of_several_flows_is_ambiguous() {
    let mut terminal = Terminal::new();
    seed(&terminal, "etl", "twin", |now| State::scheduled(now, now).named("Late")).await;
    seed(&terminal, "train", "twin", State::pending).await;
    seed(&terminal, "train", "twin", State::completed).await;

    terminal.run("flow-run inspect twin");
    terminal.run("flow-run ls --state late");
    terminal.run("flow-run ls --limit 1");
    terminal.run("flow-run cancel etl/twin");
    terminal.run("flow-run cancel train/twin");
    terminal.run("flow-run watch train/twin");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[tokio::test]
async fn run_whose_process_died_before_it_began_is_cancelled_at_once() {
    let mut terminal = Terminal::new();
    seed(&terminal, "etl", "orphan", State::pending).await;

    terminal.run("flow-run cancel orphan");
    terminal.run("flow-run cancel orphan");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[tokio::test]
async fn run_of_no_known_program_is_not_executed_again() {
    let mut terminal = Terminal::new();
    let crashed = |now| State::crashed("gone", now);
    seed(&terminal, "etl", "lost", crashed).await;
    let (executable, working_dir) = (terminal.path("program"), terminal.path("folder"));
    let program =
        Some(Program { executable: executable.clone(), working_dir: working_dir.clone() });
    seed_begun_by(&terminal, ("etl", "moved"), crashed, program).await;

    terminal.run("flow-run resume lost");
    terminal.run("flow-run resume moved");
    std::fs::write(&executable, "").expect("the home is ours");
    terminal.run("flow-run resume moved");
    std::fs::create_dir(&working_dir).expect("the home is ours");
    terminal.run("flow-run resume moved");

    insta::assert_snapshot!(terminal.transcript());
}

#[tokio::test]
async fn run_is_deleted_when_it_is_confirmed_and_over() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");
    seed(&terminal, "etl", "waiting", State::pending).await;

    terminal.run("flow-run delete brave-otter");
    terminal.run("flow-run delete brave-otter waiting --yes");
    terminal.run("flow-run delete brave-otter waiting --yes --force");
    terminal.run("flow-run ls");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

/// Makes a flow run in the terminal's database as a program would.
async fn seed(
    terminal: &Terminal,
    flow: &str,
    name: &str,
    state: impl FnOnce(flowkit::Timestamp) -> State,
) {
    seed_begun_by(terminal, (flow, name), state, None).await;
}

async fn seed_begun_by(
    terminal: &Terminal,
    (flow, name): (&str, &str),
    state: impl FnOnce(flowkit::Timestamp) -> State,
    program: Option<Program>,
) {
    let home = terminal.path("").to_str().expect("a path in UTF-8").to_owned();
    let environment = Environment::of([("HOME", home)]);
    let settings = Settings::from_sources(&environment, &Profiles::default(), None);
    let runtime = Runtime::start(settings.expect("settings"), Clock::system()).await;
    let runtime = runtime.expect("a runtime");
    let client = runtime.client();
    let flow = CreateFlow { name: flow.to_owned(), tags: Vec::new() };
    let flow = client.call(flow).await.expect("a flow");
    let state = state(client.clock().now());
    let run = CreateFlowRun {
        id: state.id.as_uuid().into(),
        name: name.to_owned(),
        flow_id: flow.id,
        flow_version: None,
        parameters: [].into(),
        tags: Vec::new(),
        parent_task_run_id: None,
        empirical_policy: RetryPolicy::default(),
        idempotency_key: None,
        state,
        program,
        notes: FlowRunNotes::default(),
        on_crash: CrashPolicy::Fail,
    };
    client.call(run).await.expect("a flow run");
}
