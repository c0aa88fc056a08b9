//! This process as the system sees it, and whole programs.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::figure;

/// Processor time of this process so far, in seconds.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok());
    // utime and stime, in hundredths of a second on every Linux.
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// Memory that this process holds, in bytes.
pub(crate) fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes = line.trim().trim_end_matches(" kB").trim().parse::<f64>();
    kilobytes.unwrap_or(0.0) * 1024.0
}

/// Times `hello` as a whole program, on a fresh database and on one that is there.
pub(crate) fn measure() {
    let Some(hello) = build_hello() else {
        println!("hello could not be built, so it was not measured");
        return;
    };
    let fresh = (0..11).map(|_| run(&hello, tempfile::tempdir().expect("a folder").path()));
    figure("hello, whole program, fresh database, median", median(fresh.collect()), "ms");
    let home = tempfile::tempdir().expect("a folder");
    run(&hello, home.path());
    let there = (0..21).map(|_| run(&hello, home.path()));
    figure("hello, whole program, existing database, median", median(there.collect()), "ms");
}

fn build_hello() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--example", "hello"])
        .current_dir(&root)
        .status();
    let target = std::env::current_exe().ok()?.ancestors().nth(3)?.to_owned();
    built.is_ok_and(|status| status.success()).then(|| target.join("release/examples/hello"))
}

fn run(program: &PathBuf, home: &std::path::Path) -> f64 {
    let start = Instant::now();
    let status = Command::new(program)
        .env("FLOWKIT_HOME", home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "hello ends well");
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
