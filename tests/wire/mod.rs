//! The wire: what Prefect's clients and servers were recorded to say to each other.
//!
//! `VERSION/*.jsonl` hold the recordings, one exchange or one frame of a socket a line. In one
//! direction our types read what Prefect's servers answered, and tell it again; in the other our
//! server is told what Prefect's clients said, and must answer as Prefect's did.

mod answer;
mod recording;
mod replay;

use flowkit::model::{Flow, FlowRun, TaskRun, Variable};
use flowkit::wire::SetStateAnswer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{FlowkitServer, assert_differences};
use answer::Bound;
use recording::{Exchange, Recorded, recordings};
use replay::Replay;

/// Reads JSON as one of our types and tells it again.
fn retold<T: Serialize + DeserializeOwned>(answer: &Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(answer.clone())?)
}

/// What our types make of an answer; nothing where none of them is for it.
fn as_model(exchange: &Exchange) -> Option<serde_json::Result<Value>> {
    let (noun, rest) = exchange.path.trim_start_matches('/').split_once('/')?;
    let answer = exchange.answer.as_ref()?;
    let is_found = exchange.status < 400;
    Some(match (noun, rest) {
        _ if !is_found => return None,
        (_, rest) if rest.ends_with("/set_state") => retold::<SetStateAnswer>(answer),
        ("flows", _) => retold::<Flow>(answer),
        ("flow_runs", _) => retold::<FlowRun>(answer),
        ("task_runs", _) => retold::<TaskRun>(answer),
        ("variables", _) => retold::<Variable>(answer),
        _ => return None,
    })
}

#[test]
fn answers_of_prefects_servers_are_read_and_told_again() {
    let mut differences = Vec::new();
    let mut read = 0;
    for recording in recordings() {
        let mut bound = Bound::default();
        for exchange in recording.exchanges() {
            let Some(told) = as_model(exchange) else { continue };
            let place = format!("{} {}", recording.name, exchange.name());
            let answer = exchange.answer.as_ref().expect("it was read");
            match told {
                Ok(told) => differences.extend(bound.compare(&place, answer, &told)),
                Err(error) => differences.push(format!("{place}: {error}")),
            }
            read += 1;
        }
    }

    assert!(read > 20, "only {read} answers were read");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Says again to our server what a client said to Prefect's.
async fn check(name: &str) {
    let server = FlowkitServer::start();
    let recording = recordings().into_iter().find(|it| it.name == name).expect("a recording");
    let mut replay = Replay::new(server.api());

    for recorded in &recording.all {
        match recorded {
            Recorded::Exchange(exchange) => replay.exchange(exchange).await,
            Recorded::Opened { path } => replay.open(path).await,
            Recorded::Sent(frame) => replay.say(frame).await,
            Recorded::Received(frame) => replay.hear(frame).await,
        }
    }

    // What still differs is written down, so that each line that goes is seen and none comes back.
    assert_differences(&format!("differences_{}", name.replace('/', "_")), replay.differences);
}

macro_rules! replays {
    ($($test:ident: $name:literal,)*) => {$(
        #[tokio::test]
        async fn $test() {
            check($name).await;
        }
    )*};
}

replays! {
    hello_of_2_6_5_is_answered_as_by_prefect: "2.6.5/hello",
    failing_of_2_6_5_is_answered_as_by_prefect: "2.6.5/failing",
    blocks_of_2_6_5_is_answered_as_by_prefect: "2.6.5/blocks",
    hello_of_2_20_is_answered_as_by_prefect: "2.20/hello",
    failing_of_2_20_is_answered_as_by_prefect: "2.20/failing",
    blocks_of_2_20_is_answered_as_by_prefect: "2.20/blocks",
    hello_of_3_is_answered_as_by_prefect: "3.x/hello",
    failing_of_3_is_answered_as_by_prefect: "3.x/failing",
    blocks_of_3_is_answered_as_by_prefect: "3.x/blocks",
}
