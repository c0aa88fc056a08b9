//! The console: lines in Prefect's format on standard error, written by a thread of its own.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use chrono::Local;

use super::super::scope::Scope;
use super::Label;
use super::layer::{Line, console_time};
use crate::model::Level;
use crate::settings::Environment;

/// How many lines may wait for a terminal that does not keep up.
const WAITING_LINES: usize = 10_000;

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Lines that were not shown since the terminal did not keep up; they are stored all the same.
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);

/// Shows a line, without waiting for the terminal.
pub(super) fn show(level: Level, target: &str, line: &Line) {
    let text = format_line(level, target, line);
    match writer().try_send(Message::Line(text)) {
        Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        Err(TrySendError::Full(_)) => drop(LEFT_OUT.fetch_add(1, Ordering::Relaxed)),
    }
}

/// Waits until all lines so far are on the terminal.
pub fn flush() {
    let (done, written) = sync_channel(1);
    if writer().send(Message::Flush(done)).is_ok() {
        // A terminal that hangs must not keep the program from ending.
        let _ = written.recv_timeout(std::time::Duration::from_secs(2));
    }
}

fn writer() -> &'static SyncSender<Message> {
    static WRITER: OnceLock<SyncSender<Message>> = OnceLock::new();
    WRITER.get_or_init(|| {
        let (sender, lines) = sync_channel(WAITING_LINES);
        // Without a thread the lines are lost on the console and kept in the store.
        let _ = std::thread::Builder::new()
            .name("flowkit-console".into())
            .spawn(move || write_lines(&lines));
        sender
    })
}

fn write_lines(lines: &Receiver<Message>) {
    // Locked for one line at a time: others print there, too, as `main` does when it fails.
    let mut console = std::io::stderr();
    while let Ok(message) = lines.recv() {
        match message {
            Message::Line(text) => {
                let _ = console.write_all(text.as_bytes());
            }
            Message::Flush(done) => {
                let _ = console.flush();
                let _ = done.try_send(());
            }
        }
        let left_out = LEFT_OUT.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            let _ = writeln!(
                console,
                "… {left_out} lines are not shown here; `flowkit flow-run logs` has them"
            );
        }
    }
}

/// `HH:MM:SS.mmm | INFO    | Task run 'bar-0' - 👋 from bar-0!`
fn format_line(level: Level, target: &str, line: &Line) -> String {
    let time = console_time().to_datetime().with_timezone(&Local).format("%H:%M:%S%.3f");
    let who = line.label.clone().or_else(current_run).unwrap_or_else(|| target.to_owned());
    let (on, off) = paint(level);
    let mut text = format!("{time} | {on}{level:<7}{off} | {who} - {}", line.message);
    for (name, value) in &line.fields {
        text.push_str(&match value {
            serde_json::Value::String(value) => format!(" {name}={value}"),
            value => format!(" {name}={value}"),
        });
    }
    text.push('\n');
    text
}

fn current_run() -> Option<String> {
    Scope::with(|scope| match (&scope.task, &scope.flow) {
        (Some(task), _) => Some(Label::Task(&task.name).to_string()),
        (None, Some(flow)) => Some(Label::Flow(&flow.name).to_string()),
        (None, None) => None,
    })
    .flatten()
}

fn paint(level: Level) -> (&'static str, &'static str) {
    static COLOUR: OnceLock<bool> = OnceLock::new();
    let wanted = *COLOUR.get_or_init(|| {
        std::io::stderr().is_terminal()
            && !Environment::read().is_ok_and(|all| all.refuses_colour())
    });
    match level {
        _ if !wanted => ("", ""),
        Level::Trace | Level::Debug => ("\x1b[2m", "\x1b[0m"),
        Level::Info => ("\x1b[36m", "\x1b[0m"),
        Level::Warn => ("\x1b[33m", "\x1b[0m"),
        Level::Error => ("\x1b[31m", "\x1b[0m"),
    }
}
