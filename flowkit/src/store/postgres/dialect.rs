//! Dialect: what is written otherwise for Postgres than for SQLite.
//!
//! Statements are written once, in what both understand, and mostly mean the same to both. The few
//! that do not are put into other words here, when a connection sees a statement for the first
//! time. Values are never in the text, so that they cannot be taken for any of it.

use std::borrow::Cow;

/// What SQLite is told, and what Postgres is told instead.
const PHRASES: &[(&str, &str)] = &[
    // SQLite's does not tell upper from lower case.
    (" LIKE ", " ILIKE "),
    // Both keep SQLite from an index that it would wrongly prefer.
    ("+state_type", "state_type"),
    ("COALESCE(flow_run_id, id) =", "flow_run_id ="),
];

/// A statement in the words of Postgres.
pub(super) fn translate(sql: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(sql);
    for (sqlite, postgres) in PHRASES {
        if text.contains(sqlite) {
            text = Cow::Owned(text.replace(sqlite, postgres));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sqlite: &str, postgres: &str) {
        assert_eq!(translate(sqlite), postgres);
    }

    #[test]
    fn statement_is_put_into_other_words() {
        check("SELECT id FROM flow WHERE name = $1", "SELECT id FROM flow WHERE name = $1");
        check("name LIKE $1 ESCAPE '\\'", "name ILIKE $1 ESCAPE '\\'");
        check("WHERE +state_type = $1", "WHERE state_type = $1");
    }
}
