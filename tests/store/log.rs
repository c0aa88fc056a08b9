//! Log lines.

use flowkit::Durability;
use flowkit::api::Client;
use flowkit::model::{Level, Log};
use flowkit::testing::{commit, flush, record};
use flowkit::wire::{FilterLogs, LogFilter, Page, Record, TimeSpan};

use super::{at, completed, id, shared};

fn line(number: u32, flow_run: Option<u32>, task_run: Option<u32>, level: Level) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level,
        message: format!("line {number}"),
        timestamp: at(number.into()),
        flow_run_id: flow_run.map(id),
        task_run_id: task_run.map(id),
        fields: [("rows".to_owned(), serde_json::json!(number))].into(),
    }
}

async fn tell(client: &Client, lines: &[Log]) {
    for line in lines {
        record(client, Record::Log(line.clone()));
    }
    flush(client, Durability::Process).await.expect("kept");
}

async fn numbers(client: &Client, wanted: FilterLogs) -> Vec<u64> {
    let lines = client.call(wanted).await.expect("lines");
    lines.into_iter().filter_map(|line| line.fields["rows"].as_u64()).collect()
}

pub(super) async fn lines_are_listed_in_order(client: &Client) {
    let lines: Vec<_> = (1..=2100).map(|n| line(n, Some(1), None, Level::Info)).collect();
    tell(client, &lines).await;
    let of_run = LogFilter { flow_run_id: Some(vec![id(1)].into()), ..LogFilter::default() };
    let first = FilterLogs { logs: of_run.clone(), page: Page::first(2), ..FilterLogs::default() };
    assert_eq!(client.call(first).await.expect("lines"), lines[..2]);
    let (after, page) = (Some(id(2)), Page::first(5000));
    let rest = FilterLogs { logs: of_run, after, page, ..FilterLogs::default() };
    assert_eq!(client.call(rest).await.expect("lines"), lines[2..]);
}

pub(super) async fn lines_are_found_by_what_they_are(client: &Client) {
    commit(client, &shared(completed(Some(1), 20)), Durability::Process).await.expect("kept");
    commit(client, &shared(completed(None, 21)), Durability::Process).await.expect("kept");
    let lines = [
        line(1, Some(1), None, Level::Debug),
        line(2, Some(1), Some(20), Level::Warn),
        line(3, None, Some(21), Level::Info),
        line(4, Some(2), None, Level::Error),
    ];
    tell(client, &lines).await;
    let check = async |logs: LogFilter, expected: &[u64]| {
        let told = format!("{logs:?}");
        let wanted = FilterLogs { logs, ..FilterLogs::default() };
        assert_eq!(numbers(client, wanted).await, expected, "{told}");
    };
    let all = LogFilter::default();
    check(all.clone(), &[1, 2, 3, 4]).await;
    check(LogFilter { flow_run_id: Some(vec![id(1)].into()), ..all.clone() }, &[1, 2]).await;
    check(LogFilter { task_run_id: Some(vec![id(20)].into()), ..all.clone() }, &[2]).await;
    check(LogFilter { task_run_id: Some(vec![id(21)].into()), ..all.clone() }, &[3]).await;
    check(LogFilter { level: Some(Level::Warn.into()), ..all.clone() }, &[2, 4]).await;
    let timestamp = Some(TimeSpan::between(at(2), at(3)));
    check(LogFilter { timestamp, ..all }, &[2, 3]).await;
    let read = client.call(FilterLogs::default()).await.expect("lines");
    assert_eq!(read, lines);
}

pub(super) async fn long_line_is_kept_whole(client: &Client) {
    let mut long = line(1, Some(1), None, Level::Info);
    long.message = "ä".repeat(5 << 20);
    tell(client, std::slice::from_ref(&long)).await;
    assert_eq!(client.call(FilterLogs::default()).await.expect("lines"), [long]);
}
