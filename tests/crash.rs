//! Death at every write, and what the next start makes of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// More writes than the program makes; the sweep ends where it survives.
const MOST: u32 = 500;

fn run(home: &Path, place: u32) -> ExitStatus {
    Command::new(env!("CARGO_BIN_EXE_flowkit-journey"))
        .arg(home.join("effects"))
        .arg(place.to_string())
        .env("FLOWKIT_HOME", home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("started")
}

fn effects(home: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(home.join("effects")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn counts(lines: &[String], what: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for name in lines.iter().filter_map(|line| line.strip_prefix(what)) {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn whatever_was_kept_is_not_done_again_wherever_the_process_died() {
    let steps = ["0", "1", "10", "11", "12", "13", "2", "20", "21"];
    for place in 1..MOST {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path();
        let survived = run(home, place).success();
        if survived {
            assert!(place > 10, "the program writes more often than that");
            return;
        }
        let before = effects(home);
        assert!(run(home, 0).success(), "died at write {place}: the next start ends well");
        let after = effects(home);
        assert_eq!(after.last().map(String::as_str), Some("sum 90"), "died at write {place}");
        let done = counts(&after, "done ");
        assert!(done.keys().map(String::as_str).eq(steps), "died at write {place}: {done:?}");
        // A run that had completed is not continued; the call after it is a new run.
        if before.iter().any(|line| line == "kept 2") {
            continue;
        }
        for kept in counts(&before, "kept ").keys().filter(|kept| *kept != "inner") {
            assert_eq!(done[kept], 1, "died at write {place}: step {kept} was kept and done again");
        }
        let twice = done.values().filter(|times| **times > 1).count();
        assert!(twice <= 4, "died at write {place}: {done:?}");
        assert!(done.values().all(|times| *times <= 2), "died at write {place}: {done:?}");
    }
    panic!("the program still dies at write {MOST}");
}
