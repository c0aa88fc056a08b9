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
    if text.contains(EACH) {
        text = Cow::Owned(with_elements(&text));
    }
    text
}

/// How SQLite makes rows of a list, and how Postgres does.
const EACH: &str = "json_each";
const ELEMENTS: &str = "jsonb_array_elements_text";

/// The statement with rows made of lists in other words.
fn with_elements(sql: &str) -> String {
    let mut parts = sql.split(EACH);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(ELEMENTS);
        let list = part.strip_prefix('(').and_then(|rest| rest.split_at_checked(end_of_list(rest)));
        match list {
            Some((list, after)) => text.push_str(&format!("(({list})::jsonb{after}")),
            None => text.push_str(part),
        }
    }
    text
}

/// Where the parenthesis is closed that was opened before.
fn end_of_list(rest: &str) -> usize {
    let mut depth = 1;
    let closes = |letter: char| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    };
    rest.find(closes).unwrap_or(rest.len())
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
        check(
            "SELECT json_each.value FROM json_each(COALESCE(tags, '[]')) WHERE a",
            "SELECT jsonb_array_elements_text.value \
             FROM jsonb_array_elements_text((COALESCE(tags, '[]'))::jsonb) WHERE a",
        );
    }
}
