//! What the command line says about itself: version, help, completion, and why it understands nothing.

use crate::support::terminal::Terminal;

#[test]
fn version_says_what_it_works_with() {
    let mut terminal = Terminal::new();

    terminal.run("--version");
    terminal.run("version");
    terminal.run("version --output json");
    terminal.set("FLOWKIT_DATABASE_URL", "postgres://me:hunter22@db/runs");
    terminal.run("version");
    terminal.set("FLOWKIT_CANCEL_GRACE", "later");
    terminal.run("version");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn help_shows_examples() {
    let mut terminal = Terminal::new();

    terminal.run("--help");
    terminal.run("profile --help");
    terminal.run("profile create --help");
    terminal.run("config --help");
    terminal.run("config set --help");
    terminal.run("config view --help");
    terminal.run("flow-run --help");
    terminal.run("flow-run ls --help");
    terminal.run("concurrency-limit create --help");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn wrong_command_line_is_explained() {
    let mut terminal = Terminal::new();

    terminal.run("profle ls");
    terminal.run("profile create");
    terminal.run("profle ls --output json");
    terminal.run("profile create --output json");
    terminal.run("profile --output json");
    terminal.run("version --output yaml");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn completion_knows_every_command() {
    let mut terminal = Terminal::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = terminal.run(&format!("completion {shell}")).stdout;
        let script = String::from_utf8(script).expect("it is text");
        for command in ["profile", "inspect", "config", "unset", "completion"] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn text_is_plain_where_nobody_sees_colours() {
    let mut terminal = Terminal::new();
    let outputs = [terminal.run("profile use gone"), terminal.run("--no-color profile use gone")];
    for output in outputs {
        assert!(!output.stderr.contains(&b'\x1b'));
    }
}
