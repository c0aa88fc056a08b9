//! dbt as a task: real runs on jaffle_shop, and ends that dbt would not choose.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use flowkit::model::Level;
use flowkit::prelude::*;
use flowkit::{Clock, Error, ErrorKind, Runtime};
use flowkit_dbt::{Dbt, DbtFailure, DbtOutcome, trigger_dbt_cli_command};
use tokio::sync::Notify;
use tracing::Event;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::support::Scratch;
use crate::support::dbt::{copy_jaffle_shop, dbt};

#[flow]
async fn runs_dbt(#[resource] dbt: Dbt, command: &str) -> flowkit::Result<DbtOutcome> {
    dbt.run(command).await
}

#[tokio::test]
async fn build_is_counted_and_logged() {
    let scratch = Scratch::new().await;
    let shop = Dbt::project(copy_jaffle_shop(scratch.folder())).executable(dbt());
    let _listening = listen(scratch.runtime(), None);

    let built = scratch.hold(async { runs_dbt(shop, "build").await }).await.expect("it is built");

    assert_eq!((built.count("success"), built.count("pass"), built.total()), (8, 20, 28));
    assert!(built.invocation_id.is_some());
    assert!(built.elapsed > Duration::ZERO);
    assert_eq!(scratch.task_states("dbt build").await, ["Pending", "Running", "Completed"]);
    let logs = scratch.logs().await;
    let task_run = scratch.task_run("dbt build").await.id;
    let done = logs.iter().find(|log| log.message.starts_with("Done. PASS=28")).expect("logged");
    assert_eq!((done.task_run_id, done.level, &*done.name), (Some(task_run), Level::Info, "dbt"));
    assert!(logs.iter().all(|log| !log.message.trim().is_empty() && log.level >= Level::Info));
}

#[tokio::test]
async fn failing_model_and_test_fail_the_run_with_what_dbt_says() {
    let scratch = Scratch::new().await;
    let shop = copy_jaffle_shop(scratch.folder());
    change(&shop, "models/customers.sql", "left join ordered on", "left join ordered");
    change(&shop, "models/orders.sql", "coalesce(paid.amount, 0) as amount", "null as amount");
    let shop = Dbt::project(shop).executable(dbt());

    let error = scratch.hold(async { runs_dbt(shop, "build").await }).await.expect_err("it fails");

    let failure = error.downcast_ref::<DbtFailure>().expect("dbt failed");
    let mut failed: Vec<_> =
        failure.nodes.iter().map(|node| (&*node.name, &*node.status)).collect();
    failed.sort_unstable();
    assert_eq!(failed, [("customers", "error"), ("not_null_orders_amount", "fail")]);
    assert_eq!(failure.exit_code, Some(1));
    let told = error.full_message();
    assert!(told.contains("Runtime Error in model customers (models/customers.sql)"), "{told}");
    assert!(told.contains("test not_null_orders_amount: Got 99 results"), "{told}");
    assert_eq!(told.matches("Runtime Error").count(), 1, "{told}");
    let state = scratch.task_run("dbt build").await.state.expect("a state");
    assert!(state.message.expect("a message").ends_with("`dbt build` ended with exit code 1"));
}

#[tokio::test]
async fn command_that_dbt_does_not_know_is_told() {
    let scratch = Scratch::new().await;
    let shop = Dbt::project(copy_jaffle_shop(scratch.folder())).executable(dbt());

    let error = scratch.hold(async { runs_dbt(shop, "bild").await }).await.expect_err("it fails");

    let told = error.full_message();
    assert!(told.contains("No such command 'bild'"), "{told}");
    assert!(told.ends_with("`dbt bild` ended with exit code 2"), "{told}");
}

#[tokio::test]
async fn missing_dbt_says_how_to_get_it() {
    let scratch = Scratch::new().await;
    let shop = Dbt::project(scratch.folder()).executable("dbt-that-is-nowhere");

    let error = scratch.hold(async { runs_dbt(shop, "build").await }).await.expect_err("no dbt");

    assert_eq!(cause(&error).kind(), ErrorKind::NotFound);
    insta::assert_snapshot!(cause(&error).full_message(), @"`dbt-that-is-nowhere` is not installed or not on PATH");
    assert!(error.hint().expect("a hint").contains("pip install dbt-core"));
}

#[tokio::test]
async fn missing_project_is_named() {
    let scratch = Scratch::new().await;
    let shop = Dbt::project("no/such/shop");

    let error =
        scratch.hold(async { runs_dbt(shop, "build").await }).await.expect_err("no project");

    assert_eq!(cause(&error).to_string(), "the dbt project `no/such/shop` not found");
}

#[tokio::test]
async fn command_of_the_tutorial_begins_with_dbt() {
    let scratch = Scratch::new().await;
    let call = async { trigger_dbt_cli_command("build", "shop", "shop").await };

    let error = scratch.hold(call).await.expect_err("it is refused");

    assert_eq!(cause(&error).kind(), ErrorKind::Invalid);
    assert_eq!(cause(&error).to_string(), "`build` does not begin with `dbt`");
}

#[tokio::test]
async fn cancelled_dbt_ends_in_order_before_its_run() {
    let scratch = Scratch::new().await;
    let shop = copy_jaffle_shop(scratch.folder());
    let slow =
        "select sum(hash(a.range + b.range)) as n from range(10000000) as a, range(10000000) as b";
    fs::write(shop.join("models/slow.sql"), slow).expect("written");
    let pid = shop.join("pid");
    let real = dbt();
    let script = format!("echo $$ > {}; exec {} \"$@\"", pid.display(), real.display());
    let dbt = Dbt::project(&shop).executable(program(&scratch, &script));

    let error = cancelled(&scratch, dbt, "run --select slow", "sum(hash(").await;

    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(!is_alive(&pid), "dbt has ended");
    assert!(shop.join("target/run_results.json").is_file(), "dbt has ended in order");
    assert_eq!(scratch.flow_states().await, ["Pending", "Running", "Cancelled"]);
}

#[tokio::test]
async fn dbt_that_does_not_stop_is_killed_with_all_that_it_started() {
    let settings = [("FLOWKIT_CANCEL_GRACE", "10ms")];
    let scratch = Scratch::with_settings(Clock::system(), &settings).await;
    let pid = scratch.folder().join("pid");
    let script =
        format!("trap '' INT; tail -f /dev/null & echo $! > {}; echo started; wait", pid.display());
    let dbt = Dbt::project(scratch.folder()).executable(program(&scratch, &script));

    let error = cancelled(&scratch, dbt, "run", "started").await;

    assert_eq!(error.kind(), ErrorKind::Cancelled);
    // The kill is sent; the kernel carries it out.
    while is_alive(&pid) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dbt_that_takes_too_long_ends_before_it_is_tried_again() {
    let scratch = Scratch::with_stub_clock().await;
    let (pid, said) = (scratch.folder().join("pid"), Arc::new(Notify::new()));
    let _listening = listen(scratch.runtime(), Some(("started", said.clone())));
    // A try that finds the one before ends at once, and is not too long.
    let script =
        "kill -0 $(cat PID) && exit 7; echo $$ > PID; echo started; exec tail -f /dev/null";
    let script = script.replace("PID", &pid.display().to_string());
    let dbt = Dbt::project(scratch.folder()).executable(program(&scratch, &script));
    let call = async { dbt.run("run").timeout(Duration::from_secs(5)).retries(1).await };
    let time = async {
        for _try in 0..2 {
            said.notified().await;
            scratch.runtime().clock().advance(Duration::from_secs(5));
        }
    };

    let (ended, ()) = tokio::join!(scratch.hold(call), time);

    assert_eq!(ended.expect_err("it takes too long").kind(), ErrorKind::Timeout);
    assert!(!is_alive(&pid), "dbt has ended");
}

/// Runs dbt in a flow that is cancelled as soon as dbt says something with that word.
async fn cancelled(scratch: &Scratch, dbt: Dbt, command: &str, word: &'static str) -> Error {
    let said = Arc::new(Notify::new());
    let _listening = listen(scratch.runtime(), Some((word, said.clone())));
    let flow = scratch.hold(async { runs_dbt(dbt, command).await });
    let cancel = async {
        said.notified().await;
        scratch.runtime().cancel_all();
    };
    let (ended, ()) = tokio::join!(flow, cancel);
    ended.expect_err("it is cancelled")
}

/// The error of the task's body.
fn cause(error: &Error) -> &Error {
    let mut cause = error;
    while let Some(inner) = std::error::Error::source(cause).and_then(|it| it.downcast_ref()) {
        cause = inner;
    }
    cause
}

/// Replaces a text in a file of the project.
fn change(project: &Path, file: &str, from: &str, to: &str) {
    let path = project.join(file);
    let text = fs::read_to_string(&path).expect("read");
    assert!(text.contains(from), "{file} has `{from}`");
    fs::write(path, text.replace(from, to)).expect("written");
}

/// A program in the place of dbt.
fn program(scratch: &Scratch, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let path = scratch.folder().join("dbt.sh");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made a program");
    path
}

/// Whether the process whose id is in the file still runs.
fn is_alive(pid: &Path) -> bool {
    let pid = fs::read_to_string(pid).expect("it was started");
    let state = Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output();
    let state = state.expect("ps can be started").stdout;
    // A zombie waits for its parent to look and does nothing more.
    !state.is_empty() && !state.starts_with(b"Z")
}

/// Stores logs, and notifies when somebody says something with a word.
fn listen(runtime: &Runtime, word: Option<(&'static str, Arc<Notify>)>) -> DefaultGuard {
    let layer = flowkit::log::layer(runtime.settings());
    let ear = word.map(|(word, heard)| Ear { word, heard });
    tracing::subscriber::set_default(tracing_subscriber::registry().with(layer).with(ear))
}

struct Ear {
    word: &'static str,
    heard: Arc<Notify>,
}

impl<S: tracing::Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        event.record(&mut Listening(self));
    }
}

struct Listening<'a>(&'a Ear);

impl Visit for Listening<'_> {
    fn record_debug(&mut self, _field: &Field, value: &dyn Debug) {
        if format!("{value:?}").contains(self.0.word) {
            self.0.heard.notify_one();
        }
    }
}
