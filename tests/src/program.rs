//! A program of flows whose runs the command line looks at: `flowkit-program FLOW`.

use std::io::Write;
use std::path::Path;

use flowkit::artifact;
use flowkit::prelude::*;

#[task]
async fn greet(name: &str) -> String {
    tracing::info!("👋 {name}");
    tracing::debug!("this is not stored");
    format!("hello {name}")
}

/// Completes, with lines of several levels and an artifact.
#[flow(tags = ["greetings"])]
async fn greeting(names: Vec<String>) -> flowkit::Result<()> {
    tracing::info!(count = names.len(), "Greeting");
    for name in &names {
        greet(name).await?;
    }
    tracing::warn!("Nobody else to greet");
    artifact::markdown("report", "# Greeted\n\nall of them").await?;
    artifact::table("guests", &[Guest { name: "Ada", visits: 3 }, Guest { name: "Bo", visits: 1 }])
        .await?;
    Ok(())
}

#[derive(serde::Serialize)]
struct Guest {
    name: &'static str,
    visits: u32,
}

#[task(tags = ["io"])]
async fn load(part: u32) -> anyhow::Result<u32> {
    anyhow::ensure!(part != 3 || !Path::new("broken").exists(), "part {part} is broken");
    Ok(part)
}

#[flow]
async fn clean(parts: u32) -> flowkit::Result<u32> {
    load(parts).await
}

/// Fails while there is a file `broken`; has a fan-out, a subflow and a progress.
#[flow]
async fn etl() -> flowkit::Result<u32> {
    let progress = artifact::progress("loading", "Parts loaded", 0.0).await?;
    let cleaned = clean(9).name("calm-heron").await?;
    let parts = (0..8).map(load).gather().await?;
    progress.set(100.0).await?;
    Ok(cleaned + parts.into_iter().sum::<u32>())
}

/// Tells whoever started the program.
fn tell(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the output is open");
}

#[task]
async fn wait() {
    tell("waiting");
    std::future::pending::<()>().await;
}

/// Waits until it is cancelled.
#[flow]
async fn endless() -> flowkit::Result<()> {
    wait().await
}

/// Waits until it is cancelled, unless there is a file `loose`.
#[flow]
async fn stubborn() -> flowkit::Result<()> {
    greet("once").await?;
    if Path::new("loose").exists() { Ok(()) } else { wait().await }
}

/// Waits until it is resumed.
#[flow]
async fn patient() -> flowkit::Result<()> {
    tell("waiting");
    flowkit::pause(None).await?;
    greet("again").await?;
    Ok(())
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("greeting") => {
            greeting(vec!["Ada".to_owned(), "Bo".to_owned()]).name("brave-otter").await
        }
        Some("etl") => etl().name("quick-lynx").await.map(drop),
        Some("endless") => endless().name("sleepy-mole").await,
        Some("stubborn") => stubborn().name("brown-mule").await,
        Some("patient") => patient().name("quiet-owl").await,
        other => Err(flowkit::Error::invalid(format!("no flow {other:?}"))),
    }
}
