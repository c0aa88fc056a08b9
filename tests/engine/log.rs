//! What runs say.

use flowkit::model::Level;
use flowkit::prelude::*;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Scratch;

#[task]
async fn talk() {
    tracing::info!(rows = 3, file = "a.csv", "loaded");
    tracing::debug!("not at this level");
    tracing::warn!("{}", "x".repeat(10_000_000));
    tracing::info!("the key is hunter2-hunter2, keep it");
}

#[task]
fn talk_sync() {
    tracing::error!(secret = "hunter2-hunter2", "from a thread");
}

#[flow]
async fn talking() -> flowkit::Result<()> {
    tracing::info!("from the flow");
    talk().await?;
    talk_sync().await?;
    flowkit::spawn(async { tracing::info!("from a spawned future") }).await.expect("ended");
    Ok(())
}

#[tokio::test]
async fn events_are_stored_with_their_run_and_without_secrets() {
    let scratch = Scratch::new().await;
    flowkit::secret::register("hunter2-hunter2");
    let layer = flowkit::log::layer(scratch.runtime().settings());
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);
    scratch.hold(async { talking().await }).await.expect("completed");
    let logs = scratch.logs().await;
    let flow_run = scratch.only_flow_run().await.id;
    assert!(logs.iter().all(|log| log.flow_run_id == Some(flow_run)));
    let task_run = scratch.task_run("talk-0").await.id;
    let loaded = logs.iter().find(|log| log.message == "loaded").expect("stored");
    assert_eq!(loaded.task_run_id, Some(task_run));
    assert_eq!((loaded.level, &loaded.fields["rows"]), (Level::Info, &3.into()));
    assert_eq!(
        logs.iter().find(|log| log.level == Level::Warn).expect("stored").message.len(),
        10_000_000
    );
    let told: Vec<_> = logs.iter().filter(|log| log.message.len() < 100).collect();
    let messages: Vec<_> = told.iter().map(|log| log.message.as_str()).collect();
    let expected =
        ["from the flow", "loaded", "the key is ********, keep it", "from a spawned future"];
    assert_eq!(
        messages, expected,
        "a sync task runs on a thread that this test's subscriber does not reach"
    );
}
