//! What flowkit costs, one figure a line: `cargo bench -p flowkit-tests`.
//!
//! The yardstick writes the same rows straight into the same tables with prepared statements, in
//! the same run: it is the limit that the disk and SQLite set, and ratios are told against it.
//! With `-- --long` a flow of a million task runs is added; with names, as in `-- sequential mapped`,
//! only those figures are measured, and ratios only beside `yardstick`. A figure decides nothing;
//! people do.

#![expect(clippy::disallowed_methods, reason = "a bench measures the machine's own time")]
#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]

mod engine;
mod process;
mod report;
mod yardstick;

use std::time::Instant;

use flowkit::settings::{Environment, Profiles, Settings};
use flowkit::{Clock, Runtime};
use tempfile::TempDir;

fn main() {
    let wanted = Wanted::of(std::env::args().skip(1));
    let executor = tokio::runtime::Runtime::new().expect("threads");
    println!("{:<58} {:>12} unit", "figure", "value");
    executor.block_on(async {
        let yardstick =
            if wanted.has("yardstick") { Some(yardstick::measure().await) } else { None };
        engine::measure(yardstick.as_ref(), &wanted).await;
        if wanted.has("report") {
            report::measure().await;
        }
    });
    if wanted.has("hello") {
        process::measure();
    }
}

/// Which figures are to be measured.
struct Wanted {
    names: Vec<String>,
    long: bool,
}

impl Wanted {
    fn of(arguments: impl Iterator<Item = String>) -> Self {
        // Cargo says `--bench`.
        let (options, names): (Vec<_>, _) =
            arguments.partition(|argument| argument.starts_with("--"));
        Self { names, long: options.iter().any(|option| option == "--long") }
    }

    fn has(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }

    /// As [`has`](Self::has), for a figure that takes minutes.
    fn has_long(&self, name: &str) -> bool {
        self.has(name) && (self.long || !self.names.is_empty())
    }
}

/// Prints one figure.
fn figure(name: &str, value: f64, unit: &str) {
    let digits = if value >= 100.0 { 0 } else { 2 };
    println!("{name:<58} {value:>12.digits$} {unit}");
}

/// A runtime on a fresh database.
async fn scratch() -> (TempDir, Runtime) {
    scratch_with(&[]).await
}

/// A runtime on a fresh database, with settings of its own.
async fn scratch_with(settings: &[(&str, &str)]) -> (TempDir, Runtime) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().to_str().expect("a path in UTF-8").to_owned();
    let all = [("FLOWKIT_HOME", home.as_str())].into_iter().chain(settings.iter().copied());
    let environment = Environment::of(all);
    let settings = Settings::from_sources(&environment, &Profiles::default(), None);
    let runtime = Runtime::start(settings.expect("settings"), Clock::system()).await;
    (folder, runtime.expect("a runtime"))
}

/// The time and the processor time that something took, in seconds.
struct Cost {
    wall: f64,
    cpu: f64,
}

/// Measures from its making on.
struct Meter {
    start: Instant,
    cpu: f64,
}

impl Meter {
    fn start() -> Self {
        Self { start: Instant::now(), cpu: process::cpu_seconds() }
    }

    fn stop(&self) -> Cost {
        Cost { wall: self.start.elapsed().as_secs_f64(), cpu: process::cpu_seconds() - self.cpu }
    }
}
