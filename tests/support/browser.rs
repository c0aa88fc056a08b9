//! The real Chromium, which `tests/setup/chromium.sh` installs, without a window.
//!
//! It is told what to do over a pipe (its DevTools protocol), and ends when the pipe does. All of
//! it blocks: who serves the page must be another process or thread.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::executable::on_path;

/// Nothing of the machine is used, and nobody but the page is asked for anything.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "about:blank",
];

/// The pipe is expected at these numbers, where a shell can put it.
const SHELL: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#;

/// A browser with one page, gone when dropped.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    _profile: TempDir,
    calls: u64,
    session: Value,
    problems: Vec<String>,
}

impl Browser {
    /// Starts one, with an empty page 1280 pixels wide and 800 high.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SHELL, "sh"]).arg(on_path("chromium", "chromium.sh")).args(ARGUMENTS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.env("HOME", profile.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("Chromium starts");
        let to = process.stdin.take().expect("it is piped");
        let from = BufReader::new(process.stdout.take().expect("it is piped"));
        let (session, problems) = (Value::Null, Vec::new());
        let mut browser =
            Self { process, to, from, _profile: profile, calls: 0, session, problems };
        browser.attach();
        browser.resize(1280, 800);
        browser
    }

    /// Opens an address and returns once the page and all that it consists of are loaded.
    pub(crate) fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", &json!({ "url": url }));
        assert_eq!(opened["errorText"], Value::Null, "{url}");
        self.wait_for("document.readyState == 'complete' && location.href != 'about:blank'");
    }

    /// The page as its scripts have left it.
    pub(crate) fn html(&mut self) -> String {
        let html = self.evaluate("document.documentElement.outerHTML");
        html.as_str().expect("a text").to_owned()
    }

    /// What an expression in JavaScript is, or what its promise is kept with.
    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let call = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", &call);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{script}");
        answer["result"]["value"].take()
    }

    /// Returns once an expression is true, which the test's time limit awaits.
    pub(crate) fn wait_for(&mut self, condition: &str) {
        // A page that is left forgets its promises; then the next one is asked.
        let script = format!(
            "new Promise(done => {{ const look = () => {{ if ({condition}) done(true); \
             else setTimeout(look, 10); }}; look(); }})"
        );
        let call = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        while self.try_call("Runtime.evaluate", &call)["result"]["result"]["value"] != true {}
    }

    /// Clicks with the mouse on the first thing that a CSS selector finds.
    pub(crate) fn click(&mut self, selector: &str) {
        let selector = Value::from(selector);
        let place = self.evaluate(&format!(
            "(() => {{ const it = document.querySelector({selector}); if (!it) return null; \
             it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const r = it.getBoundingClientRect(); \
             return {{ x: r.x + r.width / 2, y: r.y + r.height / 2 }}; }})()"
        ));
        assert!(place.is_object(), "{selector} is not on the page");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "button": "left", "clickCount": 1, "x": place["x"], "y": place["y"],
            });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key, for example `Tab`, `Enter`, `Escape` or `a`.
    pub(crate) fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            _ => 0,
        };
        let down = json!({
            "type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code,
        });
        self.call("Input.dispatchKeyEvent", &down);
        self.call("Input.dispatchKeyEvent", &json!({ "type": "keyUp", "key": key }));
    }

    /// Makes the page as large as a window or a phone, in pixels.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Shows the page to somebody who prefers the colours `light` or `dark`.
    pub(crate) fn prefer(&mut self, colours: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": colours });
        self.call("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// Writes a picture (PNG) of what can be seen.
    pub(crate) fn screenshot(&mut self, file: impl AsRef<Path>) {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let picture = BASE64_STANDARD.decode(answer["data"].as_str().expect("a picture"));
        fs::write(file, picture.expect("in base64")).expect("it is written");
    }

    /// What went wrong on the pages: exceptions, and what the browser refused or did not find.
    pub(crate) fn problems(&mut self) -> Vec<String> {
        // Whatever was told before this answer has been read with it.
        self.evaluate("0");
        std::mem::take(&mut self.problems)
    }

    /// Finds the page, and asks for what happens on it.
    fn attach(&mut self) {
        let targets = self.call("Target.getTargets", &json!({}));
        let targets = targets["targetInfos"].as_array().expect("targets");
        let page = targets.iter().find(|target| target["type"] == "page").expect("a page");
        let call = json!({ "targetId": page["targetId"], "flatten": true });
        self.session = self.call("Target.attachToTarget", &call)["sessionId"].take();
        for domain in ["Page", "Runtime", "Log"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let mut answer = self.try_call(method, parameters);
        assert_eq!(answer["error"], Value::Null, "{method} {parameters}");
        answer["result"].take()
    }

    fn try_call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if !self.session.is_null() {
            call["sessionId"] = self.session.clone();
        }
        write!(self.to, "{call}\0").expect("Chromium listens");
        loop {
            let mut message = Vec::new();
            self.from.read_until(0, &mut message).expect("Chromium answers");
            assert_eq!(message.pop(), Some(0), "Chromium has ended");
            let message: Value = serde_json::from_slice(&message).expect("JSON");
            if message["id"] == self.calls {
                return message;
            }
            self.problems.extend(problem(&message));
        }
    }
}

/// What a message says of something that went wrong.
fn problem(message: &Value) -> Option<String> {
    let told = &message["params"];
    let text = match message["method"].as_str()? {
        "Runtime.exceptionThrown" => &told["exceptionDetails"]["exception"]["description"],
        "Runtime.consoleAPICalled" if told["type"] == "error" => &told["args"],
        "Log.entryAdded" if told["entry"]["level"] == "error" => &told["entry"]["text"],
        _ => return None,
    };
    Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned))
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its helpers end with it, which a kill would leave behind.
        let _ = write!(self.to, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let _ = self.process.wait();
    }
}
