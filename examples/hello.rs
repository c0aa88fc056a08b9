//! A flow, a task in it, and what the task says.

use flowkit::prelude::*;

#[task]
async fn bar() {
    tracing::info!("👋 from {}!", flowkit::task_run().name());
}

#[flow]
async fn foo() -> flowkit::Result<()> {
    bar().await
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    foo().await
}
