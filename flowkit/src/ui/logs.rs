//! Logs: the lines of a run, with a search and a level, the last ones first seen.

use askama::Template;
use askama::filters::HtmlSafe;

use super::query::Params;
use super::text::shorten;
use crate::api::Client;
use crate::model::{Level, Log, LogId, TaskRunId};
use crate::wire::{LogOwner, SearchLogs};
use crate::{Result, Timestamp};

/// How many lines one page shows.
const SHOWN: u32 = 200;

/// How much of a line is shown.
const LONGEST: usize = 10_000;

/// The lines of a run.
#[derive(Template)]
#[template(path = "logs.html")]
pub(super) struct Lines {
    path: String,
    /// What else the address says, to be kept by the form.
    others: Vec<(String, String)>,
    text: String,
    levels: Vec<(&'static str, &'static str, bool)>,
    lines: Vec<Line>,
    earlier: Option<String>,
    last: Option<String>,
    is_filtered: bool,
    /// Whether lines name the task run that wrote them.
    names_task_runs: bool,
}

impl HtmlSafe for Lines {}

struct Line {
    iso: String,
    time: String,
    level: Level,
    class: &'static str,
    source: String,
    message: String,
    fields: Vec<(String, String)>,
    task_run: Option<TaskRunId>,
}

impl Lines {
    /// Reads the lines that an address asks for.
    pub(super) async fn read(
        client: &Client,
        owner: LogOwner,
        path: &str,
        params: &Params,
    ) -> Result<Self> {
        let level = params.parse::<Level>("level");
        let ask = SearchLogs {
            owner,
            level,
            text: params.get("log").map(str::to_owned),
            after: None,
            before: params.parse::<LogId>("earlier"),
            limit: SHOWN,
        };
        let lines = client.call(ask).await?;
        let is_full = lines.len() == SHOWN as usize;
        let earlier = lines.first().filter(|_| is_full).map(|first| {
            let link = params.with(&[("earlier", &first.id.to_string())]).link(path);
            format!("{link}#logs")
        });
        let last = params
            .get("earlier")
            .map(|_| format!("{}#logs", params.with(&[("earlier", "")]).link(path)));
        let keep = ["state", "task", "sort", "zoom"];
        let others = keep
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), params.get(name)?.to_owned())));
        Ok(Self {
            path: path.to_owned(),
            others: others.collect(),
            text: params.text("log"),
            levels: levels(level),
            lines: lines.into_iter().map(Line::new).collect(),
            earlier,
            last,
            is_filtered: level.is_some() || params.get("log").is_some(),
            names_task_runs: matches!(owner, LogOwner::FlowRun(_)),
        })
    }
}

fn levels(chosen: Option<Level>) -> Vec<(&'static str, &'static str, bool)> {
    let choices = [
        (None, "", "All levels"),
        (Some(Level::Debug), "debug", "Debug and above"),
        (Some(Level::Info), "info", "Info and above"),
        (Some(Level::Warn), "warning", "Warnings and errors"),
        (Some(Level::Error), "error", "Errors"),
    ];
    choices.into_iter().map(|(level, value, name)| (value, name, level == chosen)).collect()
}

impl Line {
    fn new(log: Log) -> Self {
        let value = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let fields = log.fields.iter().map(|(name, field)| (name.clone(), value(field))).collect();
        let class = match log.level {
            Level::Trace | Level::Debug => "l-debug",
            Level::Info => "l-info",
            Level::Warn => "l-warn",
            Level::Error => "l-error",
        };
        Self {
            iso: log.timestamp.to_string(),
            time: time(log.timestamp),
            level: log.level,
            class,
            source: log.name,
            message: shorten(&log.message, LONGEST),
            fields,
            task_run: log.task_run_id,
        }
    }
}

fn time(moment: Timestamp) -> String {
    moment.to_datetime().format("%H:%M:%S%.3f").to_string()
}

/// The last line of a run; it changes whenever the run writes one.
pub(super) async fn last_line(client: &Client, owner: LogOwner) -> Result<Option<LogId>> {
    let ask = SearchLogs { owner, level: None, text: None, after: None, before: None, limit: 1 };
    Ok(client.call(ask).await?.first().map(|line| line.id))
}
