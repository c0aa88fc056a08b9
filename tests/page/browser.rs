//! The pages in a real browser: that they live, are reached by keys, and fit a phone.

use flowkit::model::{Level, State, StateType};
use flowkit::wire::ReadFlowRun;

use super::{Run, log, task_run, tell};
use crate::support::{Browser, Site};

#[tokio::test(flavor = "multi_thread")]
async fn new_run_appears_on_an_open_page() {
    let site = Site::start().await;
    let mut browser = Browser::start();
    browser.open(&site.url("/"));
    browser.evaluate("window.isTheSame = true");

    let now = site.client().clock().now();
    let other = site.other_process().await;
    Run::new("brave-otter", State::running(now)).make(&other).await;

    browser.wait_for("document.body.innerText.includes('brave-otter')");
    assert_eq!(browser.evaluate("window.isTheSame"), true, "the page was not loaded anew");
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn run_is_cancelled_with_the_keyboard_alone() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::running(now)).make(client).await;
    let mut browser = Browser::start();
    browser.open(&site.url(&format!("/flow-runs/{id}")));

    browser.evaluate("document.querySelector('#act-cancel summary').focus()");
    browser.press("Enter");
    browser.wait_for("document.querySelector('#act-cancel').open");
    browser.press("Tab");
    browser.press("Enter");

    browser.wait_for("document.querySelector('h1').innerText.includes('Cancelling')");
    let run = client.call(ReadFlowRun { id }).await.expect("the run");
    assert_eq!(run.state_type(), StateType::Cancelling);
    assert_eq!(browser.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn slash_leads_to_the_search_and_choices_are_sent_at_once() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    Run::new("brave-otter", State::completed(now)).make(client).await;
    Run::new("calm-heron", State::failed("no", now)).make(client).await;
    let mut browser = Browser::start();
    browser.open(&site.url("/"));

    browser.press("/");
    assert_eq!(browser.evaluate("document.activeElement.id"), "find");
    browser.evaluate(
        "(() => { const state = document.querySelector('select[name=state]'); \
         state.value = 'wrong'; state.dispatchEvent(new Event('change', { bubbles: true })); })()",
    );
    browser
        .wait_for("location.search.includes('state=wrong') && document.readyState == 'complete'");

    let html = browser.html();
    assert!(html.contains("calm-heron") && !html.contains("brave-otter"), "{html}");
    browser.click(".quick a");
    browser.wait_for("document.body.innerText.includes('brave-otter')");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_a_phone_in_light_and_dark() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter-with-a-rather-long-name", State::failed("no room", now));
    let id = id.make(client).await;
    let runs = (0..20)
        .map(|number| task_run(id, number, &format!("load-{number}"), State::completed(now)));
    tell(client, runs.collect()).await;
    log(client, id, 1, Level::Warn, &"no-room".repeat(40)).await;
    let mut browser = Browser::start();
    browser.resize(360, 740);
    let folder = tempfile::tempdir().expect("a folder");

    for path in ["/".to_owned(), format!("/flow-runs/{id}"), "/flows".into(), "/settings".into()] {
        for colours in ["light", "dark"] {
            browser.prefer(colours);
            browser.open(&site.url(&path));
            let overflow = "document.documentElement.scrollWidth - innerWidth";
            assert_eq!(browser.evaluate(overflow), 0, "{path} is too wide");
            let picture = folder.path().join("page.png");
            browser.screenshot(&picture);
            assert!(picture.metadata().expect("a picture").len() > 5_000);
            let paper = browser.evaluate("getComputedStyle(document.body).backgroundColor");
            let expected =
                if colours == "light" { "rgb(255, 255, 255)" } else { "rgb(20, 23, 27)" };
            assert_eq!(paper, expected);
        }
    }
    assert_eq!(browser.problems(), Vec::<String>::new());
}
