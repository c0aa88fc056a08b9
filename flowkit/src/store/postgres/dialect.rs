//! Dialect: what is written otherwise for Postgres than for SQLite.
//!
//! Statements are written once, in what both understand. The few spellings that only SQLite
//! understands are put into other words here, when a connection sees a statement for the first
//! time.

use std::borrow::Cow;

/// How SQLite is asked whether a JSON list holds a value: `$1 IN (SELECT value FROM json_each(…))`.
const IN_LIST: &str = " IN (SELECT value FROM json_each(";
const IN_LIST_END: &str = "))";

/// A statement in the words of Postgres.
pub(super) fn translate(sql: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(sql);
    // SQLite's LIKE does not tell upper from lower case.
    if sql.contains(" LIKE ") {
        text = Cow::Owned(sql.replace(" LIKE ", " ILIKE "));
    }
    while let Some(changed) = first_list(&text) {
        text = Cow::Owned(changed);
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

/// The statement with its first question to a list in other words, if there is one.
fn first_list(sql: &str) -> Option<String> {
    let (before, rest) = sql.split_once(IN_LIST)?;
    let (column, after) = rest.split_once(IN_LIST_END)?;
    let start = before.rfind([' ', '(']).map_or(0, |at| at + 1);
    let (before, value) = before.split_at(start);
    Some(format!("{before}{column}::jsonb ? {value}{after}"))
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
        let two = "SELECT 1 FROM flow_run WHERE $1 IN (SELECT value FROM json_each(flow_run.tags)) \
                   AND ($2 IN (SELECT value FROM json_each(tags))) LIMIT $3";
        let asked = "SELECT 1 FROM flow_run WHERE flow_run.tags::jsonb ? $1 \
                     AND (tags::jsonb ? $2) LIMIT $3";
        check(two, asked);
        check(
            "SELECT json_each.value FROM json_each(COALESCE(tags, '[]')) WHERE a",
            "SELECT jsonb_array_elements_text.value \
             FROM jsonb_array_elements_text((COALESCE(tags, '[]'))::jsonb) WHERE a",
        );
    }
}
