//! `flowkit concurrency-limit`, as it is seen in a terminal.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn limits_are_made_changed_and_removed() {
    let mut terminal = Terminal::new();

    terminal.run("concurrency-limit ls");
    terminal.run("concurrency-limit create --tag database 3");
    terminal.run("concurrency-limit create --tag database 5");
    terminal.run("concurrency-limit create --name license 1 --output json");
    terminal.run("concurrency-limit ls");
    terminal.run("concurrency-limit inspect --tag database");
    terminal.run("concurrency-limit reset --name license");
    terminal.run("concurrency-limit delete --name license");
    terminal.run("concurrency-limit delete --tag databse");
    terminal.run("concurrency-limit inspect --name database");
    terminal.run("concurrency-limit create --tag io 2");
    terminal.run("concurrency-limit inspect io");
    terminal.run("concurrency-limit create --name io 2");
    terminal.run("concurrency-limit inspect io");
    terminal.run("concurrency-limit delete oi");
    terminal.run("concurrency-limit inspect");
    terminal.run("concurrency-limit create 3");
    terminal.run("concurrency-limit create --tag a --name b 3");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}
