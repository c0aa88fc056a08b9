//! A program made of another crate's tasks and flows and one of its own.

use flowkit::prelude::*;
use flowkit_example_library::{longest, survey, words};

/// A task of this program between tasks of the library.
#[task]
fn without(words: Vec<String>, word: &str) -> Vec<String> {
    words.into_iter().filter(|other| other != word).collect()
}

#[flow]
async fn compose() -> anyhow::Result<()> {
    let text =
        "Put two attributes on ordinary Rust functions, and every call becomes a tracked run.";

    // The library's tasks are called like one's own: awaited, submitted, retried, cached.
    let all = words(text).name("all-words").submit();
    let rest = without(&all, "attributes").await?;
    let second = longest(rest).tags(["second"]).await?;
    tracing::info!("The second longest word is `{}`", second.unwrap_or_default());

    // Its flow becomes a subflow.
    let count = survey(text).await?;
    anyhow::ensure!(count == 14, "there are 14 words, not {count}");
    tracing::info!("{count} words in all");
    Ok(())
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    compose().await
}
