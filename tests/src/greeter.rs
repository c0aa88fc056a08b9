//! A program that others ask about its flow, or have execute it.

use flowkit::prelude::*;

/// Greets somebody.
#[flow(tags = ["demo"])]
async fn greet(name: String, #[default(1)] times: u32) -> flowkit::Result<()> {
    for _ in 0..times {
        say(&name[..]).await?;
    }
    Ok(())
}

#[task]
async fn say(name: &str) {
    tracing::info!("hello {name}");
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    greet("world", DEFAULT).await
}
