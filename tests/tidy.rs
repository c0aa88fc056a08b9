//! Holds the source tree against the rules that no compiler checks.
//!
//! First what the rules allow, as data; then the rules; then the tree is held against them,
//! and each rule against something it must refuse.

mod source;

use source::{Source, entries, paths, sources};

/// Module of `flowkit`, its floor, what it may import: all of it stands on lower floors.
const FLOORS: &[(&str, u8, &[&str])] = &[
    ("error", 0, &[]),
    ("timestamp", 0, &[]),
    ("secret", 0, &[]),
    ("fault", 0, &[]),
    ("chance", 0, &["timestamp"]),
    ("clock", 0, &["timestamp"]),
    ("durability", 0, &["error"]),
    ("model", 0, &["chance", "error", "timestamp"]),
    ("rules", 1, &["model", "timestamp"]),
    ("calendar", 1, &["error", "model", "timestamp"]),
    ("wire", 1, &["error", "model", "timestamp"]),
    ("settings", 1, &["durability", "error", "model", "secret"]),
    (
        "store",
        2,
        &["chance", "durability", "error", "fault", "model", "settings", "timestamp", "wire"],
    ),
    ("api", 3, &["calendar", "rules", "store"]),
    ("block", 4, &["api"]),
    ("report", 4, &["api"]),
    ("engine", 5, &["api", "block", "report", "rules"]),
    ("deploy", 6, &["api", "block", "engine"]),
    ("worker", 7, &["api", "block", "calendar", "deploy", "engine"]),
    ("ui", 8, &["api", "worker"]),
    ("server", 8, &["api", "ui", "worker"]),
    ("testing", 9, &["api", "engine", "fault"]),
];

/// What every module above the store may import besides.
const COMMON: &[&str] =
    &["chance", "clock", "durability", "error", "model", "secret", "settings", "timestamp", "wire"];

/// Files at the root of `flowkit` that only pass on what others define.
const FACADE: &[&str] = &["lib.rs", "prelude.rs"];

/// Names that `flowkit` passes on at its root, and the module each comes from.
const PASSED_ON: &[(&str, &str)] = &[
    ("Clock", "clock"),
    ("Durability", "durability"),
    ("Error", "error"),
    ("ErrorKind", "error"),
    ("Result", "error"),
    ("Runtime", "engine"),
    ("Timestamp", "timestamp"),
];

/// Folders, and the names of `flowkit` that may not appear there in a path.
const CLOSED: &[(&str, &[&str])] = &[
    ("flowkit/src/engine", &["Local", "Remote"]),
    ("flowkit/src/worker", &["Local", "Remote"]),
    ("flowkit/cli", &["store", "Local", "Remote"]),
    ("flowkit-gcp", &["store", "server"]),
    ("flowkit-dbt", &["store", "server"]),
];

/// The most lines of code, neither blank nor comment, that a file may have.
const LONGEST: usize = 500;

/// Code that says something is unfinished, switched off or overlooked.
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// A lint that is switched off; only code that macros emit needs it, and says why.
const ALLOWS: &[&str] = &["#[allow(", "#![allow("];

/// Words that promise work instead of doing it.
const PROMISES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Ways to print, and the folders whose business printing is.
const PRINTING: &[&str] = &["print!", "println!", "eprint!", "eprintln!"];
const PRINTERS: &[&str] = &["flowkit/cli/", "examples/", "tests/"];

/// Hosts that packages come from; where they do is each machine's own affair.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("yarn", "pkg.com"),
    concat!("proxy.go", "lang.org"),
    concat!("arti", "factory"),
];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// All that the top level may hold.
const TOP_LEVEL: &[&str] = &[
    "flowkit",
    "flowkit-macros",
    "flowkit-gcp",
    "flowkit-dbt",
    "examples",
    "tests",
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "justfile",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    ".cargo",
    ".ci",
    ".config",
    ".gitignore",
];

/// What a rule refuses: the line and the reason.
type Refusal = (usize, String);

type Rule = fn(&Source) -> Vec<Refusal>;

/// Each module of `flowkit` keeps to the floors below it.
fn floors(source: &Source) -> Vec<Refusal> {
    let Some(file) = source.path.strip_prefix("flowkit/src/") else {
        return Vec::new();
    };
    if FACADE.contains(&file) {
        return Vec::new();
    }
    let (module, _) = file.split_once(['/', '.']).unwrap_or((file, ""));
    let Some((_, floor, allowed)) = FLOORS.iter().find(|(name, ..)| *name == module) else {
        return vec![(1, format!("`{module}` has no floor in tests/tidy.rs"))];
    };
    let common = if *floor > 2 { COMMON } else { &[] };
    let depth = file.trim_end_matches("/mod.rs").split('/').count();
    paths(&source.code())
        .into_iter()
        .filter_map(|(line, path)| Some((line, root_name(&path, depth)?)))
        // What macros write goes through the root, where the floors do not show.
        .filter(|(_, name)| !name.starts_with("__"))
        .filter(|(_, name)| *name != module && !allowed.contains(name) && !common.contains(name))
        .map(|(line, name)| (line, format!("`{module}` may not import `{name}`")))
        .collect()
}

/// The name at the root of the crate that a path leads to, seen from a module so deep.
fn root_name<'a>(path: &[&'a str], depth: usize) -> Option<&'a str> {
    let climbs = path.iter().take_while(|name| **name == "super").count();
    let name = *path.get(climbs.max(1))?;
    let is_module = || FLOORS.iter().any(|(module, ..)| *module == name);
    match path[0] {
        "crate" => {
            let passed_on = PASSED_ON.iter().find(|(root, _)| *root == name);
            Some(passed_on.map_or(name, |(_, module)| module))
        }
        // In an inline module the climb may end at an item of the file instead.
        "super" if climbs >= depth && is_module() => Some(name),
        _ => None,
    }
}

/// Only `api` knows which client it is, and adapters use nothing but public doors.
fn closed_doors(source: &Source) -> Vec<Refusal> {
    let holds = |folder: &str| {
        let rest = source.path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with(['/', '.']))
    };
    let Some((folder, names)) = CLOSED.iter().find(|(folder, _)| holds(folder)) else {
        return Vec::new();
    };
    let inside = folder.starts_with("flowkit/src");
    let root = if inside { "crate" } else { "flowkit" };
    paths(&source.code())
        .into_iter()
        .filter(|(_, path)| path[0] == root)
        .flat_map(|(line, path)| path.into_iter().map(move |name| (line, name)))
        .filter(|(_, name)| names.contains(name))
        .map(|(line, name)| (line, format!("`{folder}` may not name `{name}`")))
        .collect()
}

/// A file can be read in one go.
fn length(source: &Source) -> Vec<Refusal> {
    let code = source.code();
    let lines = code.lines().zip(1..);
    let filled: Vec<usize> =
        lines.filter(|(line, _)| !line.trim().is_empty()).map(|(_, number)| number).collect();
    let why = format!("{} lines of code, {LONGEST} are allowed", filled.len());
    let first_too_many = filled.get(LONGEST);
    first_too_many.map(|line| (*line, why)).into_iter().collect()
}

/// What is there is finished, switched on, and lets the lints speak.
fn unfinished(source: &Source) -> Vec<Refusal> {
    let code = words(&source.code(), UNFINISHED, "is not for keeping");
    let notes = words(&source.text, PROMISES, "promises; do it or drop it");
    [code, notes, allows(source)].concat()
}

/// An `allow` says why, and stands in a macro: elsewhere it is an `expect`.
fn allows(source: &Source) -> Vec<Refusal> {
    let code = source.code();
    let mut refusals = Vec::new();
    for allow in ALLOWS {
        for (at, _) in code.match_indices(allow) {
            let attribute = code[at..].split_once(")]").map_or("", |(attribute, _)| attribute);
            let emits = ["quote", "macro_rules!"].iter().any(|word| code[..at].contains(word));
            if !emits || !attribute.contains("reason =") {
                let line = code[..at].matches('\n').count() + 1;
                refusals.push((line, format!("`{allow}` is not for keeping")));
            }
        }
    }
    refusals
}

/// Only the command line, the examples and the tests print.
fn printing(source: &Source) -> Vec<Refusal> {
    let path = &source.path;
    if PRINTERS.iter().any(|folder| path.starts_with(folder)) {
        return Vec::new();
    }
    words(&source.code(), PRINTING, "prints; log it or return it")
}

/// Nothing says where packages come from, or where things lie on some machine.
fn places(source: &Source) -> Vec<Refusal> {
    let paths = words(&source.text, MACHINE_PATHS, "is a path of one machine");
    // Cargo writes its registry into its lock.
    if source.path == "Cargo.lock" {
        return paths;
    }
    let contains = |line: &str, host: &str| line.contains(host);
    let hosts = find(&source.text, HOSTS, contains, "is a host of packages");
    [paths, hosts].concat()
}

/// Whatever lies at the top level belongs there.
fn strays(names: Vec<String>) -> Vec<String> {
    let belongs = |name: &String| TOP_LEVEL.contains(&name.as_str());
    names.into_iter().filter(|name| !belongs(name)).collect()
}

/// Lines that hold one of the words, and not just as a part of a longer one.
fn words(text: &str, words: &[&str], why: &str) -> Vec<Refusal> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let holds = |line: &str, word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let after = &line[at + word.len()..];
            let longer = word.ends_with(in_word) && after.starts_with(in_word);
            !longer && !line[..at].ends_with(in_word)
        })
    };
    find(text, words, holds, why)
}

/// Lines that hold one of the needles.
fn find(
    text: &str,
    needles: &[&str],
    holds: impl Fn(&str, &str) -> bool,
    why: &str,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for needle in needles.iter().filter(|needle| holds(line, needle)) {
            found.push((number, format!("`{needle}` {why}")));
        }
    }
    found
}

/// Asserts that a rule refuses nothing in the tree.
#[track_caller]
fn check_tree(rule: Rule) {
    let mut refused = String::new();
    for source in sources("") {
        for (line, why) in rule(&source) {
            refused += &format!("\n{}:{line}: {why}", source.path);
        }
    }
    assert!(refused.is_empty(), "{refused}\n");
}

/// Asserts what a rule refuses in a text, each as `line: why`.
#[track_caller]
fn check(rule: Rule, path: &str, text: &str, expected: &[&str]) {
    let (path, text) = (path.into(), text.into());
    let refused = rule(&Source { path, text });
    let refused = refused.iter().map(|(line, why)| format!("{line}: {why}"));
    assert_eq!(refused.collect::<Vec<_>>(), expected);
}

#[test]
fn imports_keep_to_the_floors() {
    check_tree(floors);
}

#[test]
fn doors_stay_closed() {
    check_tree(closed_doors);
}

#[test]
fn files_stay_short() {
    check_tree(length);
}

#[test]
fn nothing_is_unfinished() {
    check_tree(unfinished);
}

#[test]
fn only_the_command_line_prints() {
    check_tree(printing);
}

#[test]
fn no_place_is_named() {
    check_tree(places);
}

#[test]
fn top_level_holds_what_belongs_there() {
    let strays = strays(entries(""));
    assert!(strays.is_empty(), "at the top level: {strays:?}");
}

#[test]
fn floors_stand_on_lower_ones() {
    let row = |name: &str| FLOORS.iter().find(|(module, ..)| *module == name);
    let floor_of = |name: &str| row(name).map_or(u8::MAX, |row| row.1);

    for (module, floor, allowed) in FLOORS {
        for name in *allowed {
            assert!(floor_of(name) <= *floor, "`{module}` imports `{name}`");
        }
    }
    assert!(COMMON.iter().all(|name| floor_of(name) <= 2));
}

#[test]
fn import_from_above_is_refused() {
    let refused = "1: `rules` may not import `store`";
    let file = "flowkit/src/rules/retry.rs";
    check(floors, file, "use crate::store::Db;", &[refused]);
    check(floors, file, "use super::super::store::Db;", &[refused]);
    check(floors, file, "fn f() { crate::store::open() }", &[refused]);
    check(floors, "flowkit/src/rules.rs", "use super::store;", &[refused]);
}

#[test]
fn import_in_a_group_is_refused_at_its_line() {
    let text =
        "use crate::{\n    model::{self as m, State},\n    error::Kind as K,\n    api::Client,\n};";
    let refused = ["4: `wire` may not import `api`"];
    check(floors, "flowkit/src/wire/mod.rs", text, &refused);
}

#[test]
fn import_through_the_root_is_refused() {
    let text = "use crate::{Client, Error};";
    let refused = ["1: `engine` may not import `Client`"];
    check(floors, "flowkit/src/engine/mod.rs", text, &refused);
}

#[test]
fn import_in_a_test_module_is_refused() {
    let text = "#[cfg(test)]\nmod tests {\n    use crate::clock::Clock;\n}";
    let refused = ["3: `calendar` may not import `clock`"];
    check(floors, "flowkit/src/calendar.rs", text, &refused);
}

#[test]
fn module_without_a_floor_is_refused() {
    let refused = ["1: `helpers` has no floor in tests/tidy.rs"];
    check(floors, "flowkit/src/helpers.rs", "", &refused);
}

#[test]
fn import_from_below_is_allowed() {
    let text = "//! See [`crate::store`].\nuse crate::{api::Client, engine::Call, model::State};\nuse super::call;";
    check(floors, "flowkit/src/engine/run.rs", text, &[]);
    check(floors, "flowkit/src/lib.rs", "pub use crate::store::Db;", &[]);
}

#[test]
fn closed_door_is_refused() {
    let text = "use flowkit::{api::{Client, Remote}, store};";
    let remote = "1: `flowkit/cli` may not name `Remote`";
    let store = "1: `flowkit/cli` may not name `store`";
    check(closed_doors, "flowkit/cli/src/main.rs", text, &[remote, store]);
    check(closed_doors, "flowkit/src/api/mod.rs", text, &[]);

    let refused = ["1: `flowkit-gcp` may not name `store`"];
    check(closed_doors, "flowkit-gcp/src/lib.rs", text, &refused);

    let refused = ["1: `flowkit/src/worker` may not name `Local`"];
    let text = "use crate::api::Local;";
    check(closed_doors, "flowkit/src/worker.rs", text, &refused);
}

#[test]
fn long_file_is_refused() {
    let comments = "// Words.\n\n/* More\nwords. */\n";
    let allowed = comments.to_owned() + &"f();\n".repeat(LONGEST);
    let refused = ["505: 501 lines of code, 500 are allowed"];
    check(length, "flowkit/src/model/run.rs", &allowed, &[]);
    check(length, "flowkit/src/model/run.rs", &(allowed + "f();"), &refused);
}

#[test]
fn unfinished_code_is_refused() {
    let text = "#[allow(dead_code)]\nfn f() { todo!() }\n// todo!()\nlet s = \"todo!\";";
    let refused = ["2: `todo!` is not for keeping", "1: `#[allow(` is not for keeping"];
    check(unfinished, "flowkit/src/clock.rs", text, &refused);
}

#[test]
fn promise_is_refused() {
    for word in PROMISES {
        let refused = format!("1: `{word}` promises; do it or drop it");
        check(unfinished, "justfile", &format!("# {word}: later"), &[&refused]);
        check(unfinished, "justfile", &format!("mktemp {word}{word}"), &[]);
    }
}

#[test]
fn printing_library_is_refused() {
    let text = "/// println!\nfn f() { eprintln!() }";
    let refused = ["2: `eprintln!` prints; log it or return it"];
    check(printing, "flowkit/src/clock.rs", text, &refused);
    check(printing, "flowkit/cli/src/main.rs", text, &[]);
}

#[test]
fn named_place_is_refused() {
    for path in MACHINE_PATHS {
        let refused = format!("1: `{path}` is a path of one machine");
        check(places, "justfile", &format!("cd {path}x"), &[&refused]);
        check(places, "justfile", &format!("cd some{path}x"), &[]);
    }
    for host in HOSTS {
        let refused = format!("1: `{host}` is a host of packages");
        check(places, "justfile", &format!("get files.{host}/x"), &[&refused]);
    }
}

#[test]
fn stray_name_is_refused() {
    let names = ["flowkit", "notes.md"].map(str::to_owned);
    assert_eq!(strays(names.into()), ["notes.md"]);
}
