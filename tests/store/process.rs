//! Several processes on one file, and processes that are killed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flowkit::api::Client;
use flowkit::model::{Level, Log, State};
use flowkit::settings::DatabaseUrl;
use flowkit::testing::{commit, flush, record};
use flowkit::wire::{
    FilterLogs, FilterTaskRuns, LogFilter, Page, ReadFlowRun, Record, SetFlowRunState,
    SetStateAnswer,
};
use flowkit::{Clock, Durability};

use super::{at, completed, flow_run, id, shared};

/// What a child is told to do: a verb, its number and the database.
const TOLD: &str = "FLOWKIT_TESTS_CHILD";

/// This test program, doing what `child` is told to.
fn spawn(verb: &str, number: u32, database: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "store::process::child", "--nocapture"])
        .env(TOLD, format!("{verb} {number} {}", database.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("started")
}

/// No test of its own: what the other processes of the tests below do.
#[tokio::test]
async fn child() {
    #[expect(clippy::disallowed_methods, reason = "settings are not what this is about")]
    let Ok(told) = std::env::var(TOLD) else { return };
    let (verb, rest) = told.split_once(' ').expect("a verb");
    let (number, database) = rest.split_once(' ').expect("a number");
    let number = number.parse().expect("a number");
    let client = open(Path::new(database)).await;
    match verb {
        "commit" => commit_for_ever(&client).await,
        "tell" => tell_and_wait(&client).await,
        "mix" => mix(&client, number).await,
        other => panic!("told to {other}"),
    }
}

async fn open(database: &Path) -> Client {
    let url = DatabaseUrl::Sqlite(database.into());
    Client::open(&url, Clock::system()).await.expect("a database")
}

async fn commit_for_ever(client: &Client) {
    flow_run(client, 1).await;
    for number in 10.. {
        let task_run = shared(completed(Some(1), number));
        commit(client, &task_run, Durability::Process).await.expect("kept");
        say(number);
    }
}

/// Tells the parent what is kept, on a line of its own among those of the test runner.
fn say(number: u32) {
    writeln!(std::io::stdout(), "\nkept {number}").expect("the parent reads");
}

async fn tell_and_wait(client: &Client) {
    flow_run(client, 1).await;
    for number in 10..5010 {
        record(client, Record::TaskRun(shared(completed(Some(1), number))));
    }
    flush(client, Durability::Process).await.expect("kept");
    say(5009);
    std::future::pending().await
}

/// A bit of everything, each id with the child's number in it.
async fn mix(client: &Client, child: u32) {
    let first = (child + 1) * 1_000_000;
    for number in first..first + 300 {
        record(client, Record::Log(line(number, child)));
        let durability = if number % 50 == 0 { Durability::Power } else { Durability::Process };
        let task_run = shared(completed(Some(first), number));
        commit(client, &task_run, durability).await.expect("kept");
        if number % 10 == 0 {
            flow_run(client, number).await;
            let set =
                SetFlowRunState { id: id(number), state: State::running(at(1)), force: false };
            let answer = client.call(set).await.expect("an answer");
            assert!(matches!(answer, SetStateAnswer::Accept { .. }));
            client.call(ReadFlowRun { id: id(number) }).await.expect("found");
        }
    }
    flush(client, Durability::Process).await.expect("kept");
}

fn line(number: u32, child: u32) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level: Level::Info,
        message: "done".into(),
        timestamp: at(0),
        flow_run_id: Some(id(child)),
        task_run_id: None,
        fields: Default::default(),
    }
}

async fn task_runs(client: &Client) -> Vec<String> {
    let all = FilterTaskRuns { page: Page::first(1_000_000), ..FilterTaskRuns::default() };
    let runs = client.call(all).await.expect("task runs");
    runs.into_iter().map(|run| run.dynamic_key).collect()
}

#[tokio::test]
async fn processes_share_a_file_without_a_lock_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flowkit.db");
    // They also race to make the file.
    let children: Vec<_> = (0..2).map(|number| spawn("mix", number, &path)).collect();
    let client = open(&path).await;
    mix(&client, 2).await;
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    assert_eq!(task_runs(&client).await.len(), 900);
    for child in 0..3 {
        let logs = LogFilter { flow_run_id: Some(vec![id(child)].into()), ..LogFilter::default() };
        let all = FilterLogs { logs, page: Page::first(1000), ..FilterLogs::default() };
        assert_eq!(client.call(all).await.expect("lines").len(), 300, "child {child}");
    }
}

/// Kills the child once it told of `enough`, and checks that all it told of is there.
async fn check_killed(verb: &str, enough: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flowkit.db");
    let mut child = spawn(verb, 0, &path);
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut last = 0;
    while last < enough {
        let line = lines.next().expect("it goes on").expect("text");
        last = line.strip_prefix("kept ").map_or(last, |number| number.parse().expect("a number"));
    }
    child.kill().expect("killed");
    child.wait().expect("it is dead");
    for line in lines.map_while(Result::ok) {
        last = line.strip_prefix("kept ").and_then(|number| number.parse().ok()).unwrap_or(last);
    }
    let kept = task_runs(&open(&path).await).await;
    for number in 10..=last {
        let at = usize::try_from(number - 10).expect("small");
        assert_eq!(kept.get(at), Some(&number.to_string()), "told of {last}, killed");
    }
}

#[tokio::test]
async fn committed_task_runs_survive_a_kill() {
    check_killed("commit", 300).await;
}

#[tokio::test]
async fn flushed_task_runs_survive_a_kill() {
    check_killed("tell", 5009).await;
}

#[tokio::test]
async fn change_of_another_process_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flowkit.db");
    let (ours, other) = (open(&path).await, open(&path).await);
    let before = ours.foreign_changes().await.expect("a number");
    flow_run(&ours, 1).await;
    assert_eq!(ours.foreign_changes().await.expect("a number"), before, "it was us");
    flow_run(&other, 2).await;
    let after = ours.foreign_changes().await.expect("a number");
    assert_ne!(after, before);
    assert_eq!(ours.foreign_changes().await.expect("a number"), after);
}

#[test]
fn client_answers_without_a_runtime_and_on_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flowkit.db");
    let use_it = async || {
        let client = open(&path).await;
        flow_run(&client, 1).await;
        let task_run = shared(completed(Some(1), 10));
        commit(&client, &task_run, Durability::Power).await.expect("kept");
        assert_eq!(task_runs(&client).await, ["10"]);
        client.reset().await.expect("reset");
    };
    block_on(use_it());
    let current_thread = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    current_thread.block_on(use_it());
}

/// The simplest executor that there is.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::park_timeout(Duration::from_secs(60));
    }
}
