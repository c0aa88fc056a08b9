//! Databases that cannot be opened, and what is said of them.

use flowkit::testing::commit;
use flowkit::{Durability, ErrorKind};

use super::super::{completed, shared};
use super::{open, opened};
use crate::support::postgres::{Database, Server, execute};

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/tls/certificate.pem");

/// Asserts what is said of an address, in all its words.
async fn check(address: &str, kind: ErrorKind, said: &[&str]) {
    let error = open(address).await.err().unwrap_or_else(|| panic!("{address} is opened"));
    let told = format!("{error:?}");
    assert_eq!(error.kind(), kind, "{told}");
    for part in said {
        assert!(told.contains(part), "{told} does not say {part}");
    }
    assert!(!told.contains("hunter22"), "{told}");
}

#[tokio::test]
async fn database_that_cannot_be_used_is_explained() {
    let database = Database::empty().await;
    let address = database.address();

    let missing = address.replace("/case_", "/none_");
    let create = format!("createdb -h 127.0.0.1 -p {} -U postgres none_", database.port());
    check(&missing, ErrorKind::NotFound, &["there is no such database", &create]).await;

    let nobody = "postgresql://me:hunter22@127.0.0.1:1/runs";
    let said =
        ["'postgresql://me:********@127.0.0.1:1/runs' could not be opened", "does not answer"];
    check(nobody, ErrorKind::Unavailable, &said).await;

    database.execute("CREATE TABLE customer (id INTEGER)").await;
    check(&address, ErrorKind::Invalid, &["holds tables that are not flowkit's"]).await;
    database.execute("DROP TABLE customer").await;

    drop(opened(&address).await);
    database.execute("INSERT INTO schema_migration VALUES (7, 'later', 'x', 0)").await;
    check(
        &address,
        ErrorKind::Invalid,
        &["written by a newer flowkit (schema 7, this one knows 1)"],
    )
    .await;
    database.execute("DELETE FROM schema_migration WHERE version = 7").await;
    database.execute("UPDATE schema_migration SET checksum = 'other'").await;
    check(&address, ErrorKind::Invalid, &["written by another flowkit"]).await;

    let read_only = "ALTER DATABASE CURRENT SET default_transaction_read_only = on";
    let name = database.ask("SELECT current_database()").await;
    database.execute(&read_only.replace("CURRENT", &name)).await;
    check(&address, ErrorKind::Unavailable, &["can only be read", "primary"]).await;
}

#[tokio::test]
async fn database_that_cannot_keep_every_letter_is_refused() {
    let database = Database::new().await;
    let server = database.server();
    let name = format!("latin_{}", std::process::id());
    let create = format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    );
    execute(&server, &create).await;
    let address = server.replace("/postgres", &format!("/{name}"));
    let address = address.replace(&format!("/{name}@"), "/postgres@");
    check(&address, ErrorKind::Invalid, &["encoding of the database is LATIN1", "-E UTF8"]).await;
    execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

#[tokio::test]
async fn database_that_goes_away_for_good_fails_who_waits() {
    let database = Database::new().await;
    let client = opened(&database.address()).await;
    commit(&client, &shared(completed(None, 10)), Durability::Process).await.expect("kept");
    let name = database.ask("SELECT current_database()").await;
    execute(&database.server(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let task_run = shared(completed(None, 11));
    let error = commit(&client, &task_run, Durability::Process).await.expect_err("it is gone");
    assert!(error.full_message().contains("there is no such database"), "{error:?}");
}

#[tokio::test]
async fn server_says_who_may_come_in_and_how() {
    let server = Server::start_guarded();
    let admin = server.address("postgres");
    execute(&admin, "CREATE ROLE me LOGIN SUPERUSER PASSWORD 'hunt@er22'").await;
    execute(&admin, "CREATE DATABASE runs OWNER me").await;
    let address = |login: &str, host: &str, rest: &str| {
        format!("postgresql+asyncpg://{login}@{host}:{}/runs{rest}", server.port())
    };

    let wrong = address("me:hunter22", "127.0.0.1", "");
    check(&wrong, ErrorKind::Invalid, &["refuses the user or the password"]).await;
    let plain = address("me:hunt%40er22", "127.0.0.1", "?sslmode=disable");
    check(&plain, ErrorKind::Invalid, &["the Postgres server wants TLS", "?sslmode=require"]).await;
    let nobody_knows = address("me:hunt@er22", "localhost", "?sslmode=verify-full");
    check(&nobody_knows, ErrorKind::Unavailable, &["no TLS could be agreed on", "sslrootcert"])
        .await;
    let of_file = |host| {
        address("me:hunt@er22", host, &format!("?sslmode=verify-full&sslrootcert={CERTIFICATE}"))
    };
    check(&of_file("127.0.0.1"), ErrorKind::Unavailable, &["not valid for name"]).await;

    drop(opened(&of_file("localhost")).await);
    for mode in ["", "?sslmode=prefer", "?sslmode=require", "?ssl=require"] {
        let client = opened(&address("me:hunt@er22", "127.0.0.1", mode)).await;
        assert_eq!(client.schema_version().await.expect("one"), 1, "{mode}");
    }
}
