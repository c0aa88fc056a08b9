//! Recordings: what was said, in its order.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// One conversation of a client with a server.
pub(super) struct Recording {
    /// `VERSION/FLOW`.
    pub(super) name: String,
    pub(super) all: Vec<Recorded>,
}

/// One thing that was said.
pub(super) enum Recorded {
    Exchange(Exchange),
    /// A socket was opened.
    Opened {
        path: String,
    },
    /// The client sent this over the socket.
    Sent(Value),
    /// The server did.
    Received(Value),
}

/// A request and its answer.
pub(super) struct Exchange {
    pub(super) method: String,
    /// Without `/api`.
    pub(super) path: String,
    /// Null without one.
    pub(super) body: Value,
    /// Not every request has one.
    pub(super) api_version: Option<String>,
    pub(super) status: u16,
    pub(super) answer: Option<Value>,
}

impl Recording {
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.all.iter().filter_map(|recorded| match recorded {
            Recorded::Exchange(exchange) => Some(exchange),
            Recorded::Opened { .. } | Recorded::Sent(_) | Recorded::Received(_) => None,
        })
    }
}

impl Exchange {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// All recordings there are.
pub(super) fn recordings() -> Vec<Recording> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/wire"));
    let mut recordings = Vec::new();
    for version in ["2.6.5", "2.20", "3.x"] {
        for flow in ["hello", "failing", "blocks"] {
            let name = format!("{version}/{flow}");
            let text =
                fs::read_to_string(folder.join(format!("{name}.jsonl"))).expect("it is read");
            recordings.push(Recording { name, all: text.lines().filter_map(parse).collect() });
        }
    }
    recordings
}

fn parse(line: &str) -> Option<Recorded> {
    let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let path = |value: &Value| text(value).strip_prefix("/api").expect("in the API").to_owned();
    Some(match line["kind"].as_str()? {
        "http" => Recorded::Exchange(Exchange {
            method: text(&line["method"]),
            path: path(&line["path"]),
            body: line["req_body"].take(),
            api_version: line["req_headers"]["x-prefect-api-version"].as_str().map(Into::into),
            status: u16::try_from(line["status"].as_u64()?).ok()?,
            answer: Some(line["resp_body"].take()).filter(|answer| !answer.is_null()),
        }),
        "ws_open" => Recorded::Opened { path: path(&line["path"]) },
        "ws" if line["data"].is_null() => return None,
        "ws" if line["dir"] == "client" => Recorded::Sent(line["data"].take()),
        "ws" => Recorded::Received(line["data"].take()),
        _ => return None,
    })
}
