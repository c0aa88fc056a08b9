//! What only Postgres can get wrong.

mod address;
mod race;
mod restart;

use flowkit::api::Client;
use flowkit::model::{Artifact, ArtifactKind, Level, Log};
use flowkit::settings::DatabaseUrl;
use flowkit::testing::{commit, flush, record};
use flowkit::wire::{
    CreateFlow, FilterFlows, FilterLogs, FlowFilter, ReadArtifact, ReadTaskRun, Record, Text,
};
use flowkit::{Clock, Durability, Error};

use super::{at, completed, flow_run, id, shared};
use crate::support::postgres::Database;

async fn open(address: &str) -> Result<Client, Error> {
    let url = DatabaseUrl::parse(address).expect("an address");
    Client::open(&url, Clock::system()).await
}

async fn opened(address: &str) -> Client {
    open(address).await.expect("a database")
}

#[tokio::test]
async fn character_that_postgres_refuses_costs_no_row() {
    let database = Database::new().await;
    let client = opened(&database.address()).await;
    let flow = CreateFlow { name: "a\0b".into(), tags: vec!["\0".into()] };
    client.call(flow).await.expect("made");
    let flows = FlowFilter { name: Some(Text::is("a\0b")), ..FlowFilter::default() };
    let ask = FilterFlows { flows, ..FilterFlows::default() };
    let found = client.call(ask).await.expect("flows");
    assert_eq!(
        (found[0].name.as_str(), found[0].tags.as_slice()),
        ("a\u{fffd}b", &["\0".into()][..])
    );

    flow_run(&client, 1).await;
    let mut task_run = completed(Some(1), 10);
    task_run.name = "\0".into();
    task_run.result = Some("=\"\\u0000\"".into());
    commit(&client, &shared(task_run), Durability::Process).await.expect("kept");
    let line = Log {
        id: id(20),
        name: "etl".into(),
        level: Level::Info,
        message: "x\0🦦\u{10ffff}".into(),
        timestamp: at(0),
        flow_run_id: Some(id(1)),
        task_run_id: None,
        fields: [("\0".to_owned(), serde_json::json!("\0"))].into(),
    };
    record(&client, Record::Log(line.clone()));
    let artifact = Artifact {
        id: id(30),
        created: at(0),
        updated: at(0),
        key: None,
        kind: ArtifactKind::Markdown,
        description: Some("\0".into()),
        data: serde_json::json!("\0"),
        flow_run_id: None,
        task_run_id: None,
        metadata: None,
    };
    record(&client, Record::Artifact(artifact.clone()));
    flush(&client, Durability::Process).await.expect("kept");

    let read = client.call(ReadTaskRun { id: id(10) }).await.expect("found");
    assert_eq!(read.name, "\u{fffd}");
    let read = client.call(FilterLogs::default()).await.expect("lines");
    assert_eq!(read, [Log { message: "x\u{fffd}🦦\u{10ffff}".into(), ..line }]);
    let read = client.call(ReadArtifact { id: id(30) }).await.expect("found");
    assert_eq!(read, Artifact { description: Some("\u{fffd}".into()), ..artifact });
}

#[tokio::test]
async fn artifact_that_changes_often_is_kept_as_it_was_last() {
    let database = Database::new().await;
    let client = opened(&database.address()).await;
    for number in 0..300 {
        let artifact = Artifact {
            id: id(30),
            created: at(0),
            updated: at(number),
            key: None,
            kind: ArtifactKind::Progress,
            description: None,
            data: serde_json::json!(number),
            flow_run_id: None,
            task_run_id: None,
            metadata: None,
        };
        record(&client, Record::Artifact(artifact));
    }
    flush(&client, Durability::Process).await.expect("kept");
    let read = client.call(ReadArtifact { id: id(30) }).await.expect("found");
    assert_eq!((read.data, read.updated), (serde_json::json!(299), at(299)));
}

#[test]
fn many_who_open_an_empty_database_at_once_all_get_it() {
    let executor = tokio::runtime::Runtime::new().expect("an executor");
    let database = executor.block_on(Database::empty());
    let address = database.address();
    std::thread::scope(|scope| {
        for number in 0..12 {
            let address = &address;
            scope.spawn(move || {
                let executor = tokio::runtime::Builder::new_current_thread().build();
                executor.expect("an executor").block_on(async {
                    let client = opened(address).await;
                    flow_run(&client, number).await;
                    assert_eq!(client.schema_version().await.expect("one"), 1);
                });
            });
        }
    });
    let applied = executor.block_on(database.ask("SELECT COUNT(*) FROM schema_migration"));
    assert_eq!(applied, "1");
}
