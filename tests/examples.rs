//! The examples print what they promise.

use std::process::Output;

use crate::support::{Examples, dbt::dbt};

/// What an example printed, without times and with a number for each flow run's name.
fn printed(output: &Output) -> String {
    assert!(output.stdout.is_empty(), "examples print to standard error, as logs do");
    let mut text = String::new();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let has_time = line.get(12..15) == Some(" | ");
        text += if has_time { &line[15..] } else { line };
        text.push('\n');
    }
    for number in 1.. {
        let Some(name) = text.split("low run '").skip(1).find_map(random_name) else {
            break;
        };
        text = text.replace(&name, &format!("flow-run-{number}"));
    }
    match output.status.code() {
        Some(code) => text + &format!("[exit {code}]"),
        None => text + "[killed]",
    }
}

/// The name that a text begins with, unless it has its number already.
fn random_name(text: &str) -> Option<String> {
    let (name, _) = text.split_once('\'')?;
    (!name.starts_with("flow-run-")).then(|| name.to_owned())
}

/// The same for an example whose tasks run at once, in any order.
fn sorted(output: &Output) -> String {
    let printed = printed(output);
    let mut lines: Vec<_> = printed.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[test]
fn hello_greets() {
    let output = Examples::new().run("hello");

    insta::assert_snapshot!(printed(&output));
}

#[test]
fn compose_runs_tasks_and_flows_of_its_library() {
    let output = Examples::new().run("compose");

    insta::assert_snapshot!(printed(&output));
}

#[test]
fn etl_tries_again_and_takes_the_second_result_from_the_cache() {
    let examples = Examples::new();

    let output = examples.run("etl");

    insta::assert_snapshot!(sorted(&output));
    let customers = std::fs::read_to_string(examples.path("target/etl/customers.csv"));
    let customers = customers.expect("it is written");
    assert_eq!(customers.lines().count(), 101);
    let best: Vec<_> = customers.lines().take(3).collect();
    let expected =
        ["customer,name,orders,cents", "39,Wanda Quist,3,7900", "10,Imani Kowalski,3,6900"];
    assert_eq!(best, expected);
}

#[test]
fn etl_takes_all_sums_from_the_cache_when_it_is_run_again() {
    let examples = Examples::new();
    examples.run("etl");

    let output = examples.run("etl");

    let printed = sorted(&output);
    for task in ["worth-0", "worth-again"] {
        let line = format!("Task run '{task}' - Finished in state Cached()");
        assert!(printed.contains(&line), "{printed}");
    }
}

#[test]
fn crash_dies_and_goes_on_without_doing_anything_twice() {
    let examples = Examples::new();
    let effects = || std::fs::read_to_string(examples.path("target/crash/effects.txt"));

    let first = examples.run("crash");
    let done_by_first = effects().expect("it is written");
    let second = examples.run("crash");

    assert_eq!(done_by_first, "step 1\nstep 2\n");
    assert_eq!(effects().expect("it is written"), "step 1\nstep 2\nstep 3\nstep 4\n");
    insta::assert_snapshot!(format!("{}\n\n{}", printed(&first), printed(&second)));
}

#[test]
fn dbt_build_builds_jaffle_shop() {
    let examples = Examples::new();
    let dbt = dbt();
    let path = dbt.parent().expect("dbt is in a folder");

    let output = examples.run_with_path("dbt_build", path.as_os_str());

    let printed = printed(&output);
    assert!(printed.contains("Task run 'dbt build' - Done. PASS=28 "), "{printed}");
    assert!(printed.contains("8 seeds and models are built, 20 tests pass"), "{printed}");
    assert!(printed.ends_with("[exit 0]"), "{printed}");
    assert!(examples.path("target/dbt_build/jaffle_shop.duckdb").is_file());
}

#[test]
fn dbt_build_without_dbt_says_how_to_get_it() {
    let output = Examples::new().run("dbt_build");

    insta::assert_snapshot!(printed(&output));
}
