//! Pages stay small, however much there is.

use std::time::Duration;

use flowkit::model::State;

use super::{Run, task_run, tell};
use crate::support::Site;

/// How much larger the page of a huge run may be than that of one with a full page of task runs.
const AT_MOST: usize = 90_000;

#[tokio::test]
async fn run_of_a_hundred_thousand_task_runs_is_as_small_as_others() {
    const RUNS: u64 = 100_000;
    let site = Site::start().await;
    let client = site.client();
    let began = client.clock().now();
    let id = Run::new("huge-whale", State::completed(began)).make(client).await;
    for piece in 0..RUNS / 5_000 {
        let numbers = piece * 5_000..(piece + 1) * 5_000;
        let runs = numbers.map(|number| {
            let at = began + Duration::from_millis(number);
            let is_bad = number % 9_000 == 17;
            let state = if is_bad { State::failed("broken", at) } else { State::completed(at) };
            task_run(id, number, &format!("load-{number}"), state)
        });
        tell(client, runs.collect()).await;
    }

    let html = site.read(&format!("/flow-runs/{id}")).await;

    assert!(html.len() < AT_MOST, "{} bytes", html.len());
    assert!(html.contains("100\u{202f}000"), "the number is told");
    assert_eq!(html.matches("href=\"/task-runs/").count(), 50 + 5, "a page, and what failed first");
    assert!(html.contains("load · about 100\u{202f}000 runs · 12 ✕ failed"), "{html}");
    assert!(html.contains("load-17</a>") && html.contains("7 more task runs"), "{html}");
    let last = site.read(&format!("/flow-runs/{id}?page=1999")).await;
    assert!(last.contains(">load-99999</a>"), "the last page is there");
    let failed = site.read(&format!("/flow-runs/{id}?state=failed")).await;
    assert_eq!(failed.matches(">load-").count(), 5 + 12);
}

#[tokio::test]
async fn long_texts_are_cut_in_lists() {
    let site = Site::start().await;
    let client = site.client();
    let long = "no room ".repeat(100_000);
    let state = State::failed(long, client.clock().now());
    let id = Run::new("brave-otter", state).make(client).await;

    let list = site.read("/").await;
    let page = site.read(&format!("/flow-runs/{id}")).await;

    assert!(list.len() < 20_000, "{} bytes", list.len());
    assert!(page.contains("no room"));
}
