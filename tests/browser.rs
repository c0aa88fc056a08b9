//! The browser that pages are looked at in does what its tests rely on.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::support::Browser;

const PAGE: &str = r#"<!doctype html><title>Page</title><meta name="viewport" content="width=device-width">
<style>@media (prefers-color-scheme: dark) { body { background: black } }</style>
<p id="made"></p><button onclick="made.textContent = 'clicked'">Click</button>
<input onkeydown="if (event.key == 'Enter') made.textContent = 'entered'">
<script>made.textContent = "made by a script"; console.error("a problem")</script>
<img src="/missing">"#;

/// Serves the page, and nothing else, on the loopback; gives its address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection");
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap_or_default();
            let is_page = request[..length].starts_with(b"GET / ");
            let (status, body) = if is_page { ("200 OK", PAGE) } else { ("404 Not Found", "") };
            let head = "content-type: text/html\r\nconnection: close";
            let _ = write!(connection, "HTTP/1.1 {status}\r\n{head}\r\n\r\n{body}");
        }
    });
    format!("http://{address}/")
}

#[test]
fn page_is_seen_clicked_typed_into_and_pictured() {
    let picture = tempfile::Builder::new().suffix(".png").tempfile().expect("a file");
    let mut browser = Browser::start();

    browser.open(&serve());

    assert!(browser.html().contains("<p id=\"made\">made by a script</p>"));
    browser.click("button");
    assert_eq!(browser.evaluate("made.textContent"), "clicked");
    browser.press("Tab");
    browser.press("Enter");
    assert_eq!(browser.evaluate("made.textContent"), "entered");
    browser.evaluate("setTimeout(() => made.textContent = 'later', 20)");
    browser.wait_for("made.textContent == 'later'");
    browser.prefer("dark");
    browser.resize(390, 844);
    let background = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.evaluate(background), "rgb(0, 0, 0)");
    assert_eq!(browser.evaluate("[innerWidth, innerHeight]"), json!([390, 844]));
    browser.screenshot(picture.path());
    let png = std::fs::read(picture.path()).expect("it is read");
    assert_eq!((&png[..4], &png[16..24]), (&b"\x89PNG"[..], &[0, 0, 1, 134, 0, 0, 3, 76][..]));
    let problems = browser.problems().join("\n");
    assert!(problems.contains("a problem") && problems.contains("404"), "{problems}");
}
