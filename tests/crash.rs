//! Death at every write, and what the next start makes of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::support::postgres::Database;

/// More writes than the program makes; the sweep ends where it survives.
const MOST: u32 = 500;

fn run(home: &Path, database: Option<&str>, place: u32) -> ExitStatus {
    Command::new(env!("CARGO_BIN_EXE_flowkit-journey"))
        .arg(home.join("effects"))
        .arg(place.to_string())
        .env("FLOWKIT_HOME", home)
        .envs(database.map(|database| ("FLOWKIT_DATABASE_URL", database)))
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
    for place in 1..MOST {
        if check_death(place, None) == Death::Survived {
            assert!(place > 10, "the program writes more often than that");
            return;
        }
    }
    panic!("the program still dies at write {MOST}");
}

#[tokio::test]
async fn whatever_postgres_kept_is_not_done_again_wherever_the_process_died() {
    // An odd step meets the moments before and behind a write alike.
    for place in (1..MOST).step_by(3) {
        let database = Database::new().await;
        if check_death(place, Some(&database.address())) == Death::Survived {
            assert!(place > 20, "the program writes more often than that");
            return;
        }
    }
    panic!("the program still dies at write {MOST}");
}

/// What came of a process that was told to die at a write.
#[derive(Debug, PartialEq, Eq)]
enum Death {
    Died,
    /// It writes less often than that.
    Survived,
}

/// Lets the program die at that write, starts it again, and checks what was done twice.
fn check_death(place: u32, database: Option<&str>) -> Death {
    let steps = ["0", "1", "10", "11", "12", "13", "2", "20", "21"];
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path();
    if run(home, database, place).success() {
        return Death::Survived;
    }
    let before = effects(home);
    assert!(run(home, database, 0).success(), "died at write {place}: the next start ends well");
    let after = effects(home);
    assert_eq!(after.last().map(String::as_str), Some("sum 90"), "died at write {place}");
    let done = counts(&after, "done ");
    assert!(done.keys().map(String::as_str).eq(steps), "died at write {place}: {done:?}");
    // A run that had completed is not continued; the call after it is a new run.
    if before.iter().any(|line| line == "kept 2") {
        return Death::Died;
    }
    for kept in counts(&before, "kept ").keys().filter(|kept| *kept != "inner") {
        assert_eq!(done[kept], 1, "died at write {place}: step {kept} was kept and done again");
    }
    let twice = done.values().filter(|times| **times > 1).count();
    assert!(twice <= 4, "died at write {place}: {done:?}");
    assert!(done.values().all(|times| *times <= 2), "died at write {place}: {done:?}");
    Death::Died
}
