//! Variables.

use std::time::Duration;

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::wire::{DeleteVariable, FilterVariables, Page, ReadVariable, SetVariable, Text};

use super::at;

fn set(name: &str, value: u32, overwrite: bool) -> SetVariable {
    SetVariable { name: name.into(), value: value.into(), tags: vec!["a".into()], overwrite }
}

pub(super) async fn variable_is_changed_only_when_told_to(client: &Client) {
    let first = client.call(set("limit", 1, false)).await.expect("set");
    client.clock().advance(Duration::from_secs(5));
    let error = client.call(set("limit", 2, false)).await.expect_err("it is there");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let changed = client.call(set("limit", 2, true)).await.expect("changed");
    assert_eq!((changed.id, changed.created, changed.updated), (first.id, at(0), at(5)));
    let read = client.call(ReadVariable { name: "limit".into() }).await.expect("found");
    assert_eq!(read, changed);
    assert_eq!(read.value, 2);
    client.call(DeleteVariable { name: "limit".into() }).await.expect("deleted");
    let error = client.call(DeleteVariable { name: "limit".into() }).await.expect_err("gone");
    assert_eq!(error.to_string(), "variable 'limit' not found");
}

pub(super) async fn variables_are_listed_by_name(client: &Client) {
    for name in ["b-1", "a_1", "c"] {
        client.call(set(name, 1, false)).await.expect("set");
    }
    let name = Some(Text::holds("_"));
    let names = async |wanted: FilterVariables| {
        let found = client.call(wanted).await.expect("variables");
        found.into_iter().map(|variable| variable.name).collect::<Vec<_>>()
    };
    assert_eq!(names(FilterVariables::default()).await, ["a_1", "b-1", "c"]);
    assert_eq!(names(FilterVariables { name, page: Page::default() }).await, ["a_1"]);
}

pub(super) async fn name_with_other_letters_is_refused(client: &Client) {
    let long = "a".repeat(256);
    for name in ["", "Limit", "a b", "ä", long.as_str()] {
        let error = client.call(set(name, 1, false)).await.expect_err("a wrong name");
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
    }
}
