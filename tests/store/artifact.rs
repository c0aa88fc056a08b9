//! Artifacts.

use std::time::Duration;

use flowkit::api::Client;
use flowkit::model::{Artifact, ArtifactKind};
use flowkit::testing::{flush, record};
use flowkit::wire::{
    ArtifactFilter, ArtifactSort, CountArtifacts, CountLatestArtifacts, CreateArtifact,
    DeleteArtifact, FilterArtifacts, FilterLatestArtifacts, KeyFilter, ReadArtifact,
    ReadLatestArtifact, Record, UpdateArtifact,
};
use flowkit::{Durability, ErrorKind};

use super::{at, id};

fn artifact(number: u32, key: Option<&str>) -> Artifact {
    Artifact {
        id: id(number),
        created: at(0),
        updated: at(0),
        key: key.map(Into::into),
        kind: ArtifactKind::Table,
        description: Some("rows".into()),
        data: serde_json::json!([{ "n": number }]),
        metadata: None,
        flow_run_id: Some(id(1)),
        task_run_id: None,
    }
}

async fn make(client: &Client, artifact: Artifact) -> Artifact {
    client.call(CreateArtifact { artifact }).await.expect("made")
}

fn ids(artifacts: &[Artifact]) -> Vec<String> {
    artifacts.iter().map(|artifact| artifact.data[0]["n"].to_string()).collect()
}

pub(super) async fn artifact_is_read_as_it_was_made(client: &Client) {
    client.clock().advance(Duration::from_secs(5));
    let made = make(client, artifact(10, Some("rows"))).await;
    assert_eq!((made.created, made.updated), (at(5), at(5)));
    assert_eq!(client.call(ReadArtifact { id: id(10) }).await.expect("found"), made);
    record(client, Record::Artifact(artifact(11, None)));
    flush(client, Durability::Process).await.expect("kept");
    let told = client.call(ReadArtifact { id: id(11) }).await.expect("found");
    assert_eq!(told, artifact(11, None));
}

pub(super) async fn newest_of_a_key_is_the_latest(client: &Client) {
    for (number, key) in [(10, Some("a")), (11, Some("a")), (12, Some("b")), (13, None)] {
        make(client, artifact(number, key)).await;
    }
    let latest = client.call(ReadLatestArtifact { key: "a".into() }).await.expect("found");
    assert_eq!(latest.id, id(11));
    let check = async |wanted: FilterArtifacts, expected: &[&str]| {
        let told = format!("{wanted:?}");
        let found = client.call(wanted).await.expect("artifacts");
        assert_eq!(ids(&found), expected, "{told}");
    };
    let all = FilterArtifacts::default();
    check(all.clone(), &["13", "12", "11", "10"]).await;
    check(FilterArtifacts { latest: true, ..all.clone() }, &["12", "11"]).await;
    let of = |artifacts: ArtifactFilter| FilterArtifacts { artifacts, ..all.clone() };
    let any = ArtifactFilter::default;
    check(of(ArtifactFilter { key: Some("a".to_owned().into()), ..any() }), &["11", "10"]).await;
    check(of(ArtifactFilter { kind: Some(ArtifactKind::Link.into()), ..any() }), &[]).await;
    check(of(ArtifactFilter { flow_run_id: Some(vec![id(2)].into()), ..any() }), &[]).await;
    let key = Some(KeyFilter { exists_: Some(false), ..KeyFilter::default() });
    check(of(ArtifactFilter { key, ..any() }), &["13"]).await;
    check(
        FilterArtifacts { sort: ArtifactSort::KeyDesc, ..all.clone() },
        &["12", "11", "10", "13"],
    )
    .await;
    let latest = client.call(FilterLatestArtifacts::default()).await.expect("artifacts");
    assert_eq!(latest.iter().map(|found| found.latest_id).collect::<Vec<_>>(), [id(12), id(11)]);
    assert_eq!(client.call(CountArtifacts::default()).await.expect("a number"), 4);
    assert_eq!(client.call(CountLatestArtifacts::default()).await.expect("a number"), 2);
    let error = client.call(ReadLatestArtifact { key: "c".into() }).await.expect_err("none");
    assert_eq!(error.to_string(), "artifact with key 'c' not found");
}

pub(super) async fn artifact_is_changed_and_deleted(client: &Client) {
    make(client, artifact(10, None)).await;
    client.clock().advance(Duration::from_secs(5));
    let change = UpdateArtifact { id: id(10), data: Some(50.into()), ..UpdateArtifact::default() };
    client.call(change).await.expect("changed");
    let read = client.call(ReadArtifact { id: id(10) }).await.expect("found");
    assert_eq!((read.data, read.description.as_deref()), (50.into(), Some("rows")));
    assert_eq!((read.created, read.updated), (at(0), at(5)));
    client.call(DeleteArtifact { id: id(10) }).await.expect("deleted");
    let error = client.call(DeleteArtifact { id: id(10) }).await.expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

pub(super) async fn key_with_other_letters_is_refused(client: &Client) {
    for key in ["", "Rows", "rows_1", "rows 1"] {
        let artifact = artifact(10, Some(key));
        let error = client.call(CreateArtifact { artifact }).await.expect_err("a wrong key");
        assert_eq!(error.kind(), ErrorKind::Invalid, "{key}");
    }
}
