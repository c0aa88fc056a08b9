//! Query: a SELECT put together from typed parts. Values are bound, never written into the text.

use std::fmt::Write;

use super::tx::Tx;
use super::value::{Column, Row, Value};
use crate::wire::{Operator, Page};
use crate::{Error, Result};

/// How many values and conditions a query may have; databases refuse more in their own words.
const MOST_VALUES: usize = 10_000;
const MOST_CONDITIONS: usize = 300;

/// How long a text may be that is looked for inside others, in bytes.
const LONGEST_PART: usize = 10_000;

/// A SELECT that is being put together.
pub(super) struct Query {
    text: String,
    values: Vec<Value<'static>>,
    level: Level,
    conditions: usize,
    is_too_long: bool,
}

/// The list of conditions that is being written.
#[derive(Clone, Copy)]
struct Level {
    /// What stands before the first condition, and between two.
    before: &'static str,
    between: &'static str,
    is_empty: bool,
}

impl Query {
    /// Begins with everything before WHERE.
    pub(super) fn new(select: &str) -> Self {
        Self {
            text: select.to_owned(),
            values: Vec::new(),
            level: Level { before: " WHERE ", between: " AND ", is_empty: true },
            conditions: 0,
            is_too_long: false,
        }
    }

    /// Only rows of which that is true.
    pub(super) fn when(&mut self, condition: &str) {
        let Level { before, between, is_empty } = self.level;
        self.text.push_str(if is_empty { before } else { between });
        self.level.is_empty = false;
        self.conditions += 1;
        self.text.push_str(condition);
    }

    /// Only rows that meet the conditions which `fill` adds, joined like that; all if it adds none.
    pub(super) fn when_joined(&mut self, operator: Operator, fill: impl FnOnce(&mut Self)) {
        let between = match operator {
            Operator::And => " AND ",
            Operator::Or => " OR ",
        };
        self.nest("(", Level { before: "", between, is_empty: true }, fill);
    }

    /// Only rows for which another SELECT finds something; `select` opens it, up to its WHERE.
    ///
    /// The parenthesis that `select` opens is closed. Without conditions nothing is asked.
    pub(super) fn when_found(&mut self, select: &str, fill: impl FnOnce(&mut Self)) {
        self.nest(select, Level { before: " WHERE ", between: " AND ", is_empty: true }, fill);
    }

    fn nest(&mut self, open: &str, level: Level, fill: impl FnOnce(&mut Self)) {
        let (start, outer) = (self.text.len(), self.level);
        self.when(open);
        self.level = level;
        fill(self);
        let is_empty = std::mem::replace(&mut self.level, outer).is_empty;
        if is_empty {
            self.text.truncate(start);
        } else {
            self.text.push(')');
            self.level.is_empty = false;
        }
    }

    /// Only rows of which that is true, where `?` stands for a value.
    pub(super) fn when_value(&mut self, condition: &str, value: impl Into<Value<'static>>) {
        let (before, after) = condition.split_once('?').unwrap_or((condition, ""));
        self.when(before);
        self.push(value);
        self.text.push_str(after);
    }

    /// Only rows of which that is true, where `?` stands for a list; none if the list is empty.
    pub(super) fn when_one_of<T>(&mut self, condition: &str, list: impl IntoIterator<Item = T>)
    where
        T: Into<Value<'static>>,
    {
        let (before, after) = condition.split_once('?').unwrap_or((condition, ""));
        self.when(before);
        self.text.push('(');
        let start = self.text.len();
        for value in list {
            if self.text.len() > start {
                self.text.push_str(", ");
            }
            self.push(value);
        }
        if self.text.len() == start {
            // Nothing is equal to it, and Postgres knows no empty lists.
            self.text.push_str("NULL");
        }
        self.text.push(')');
        self.text.push_str(after);
    }

    /// Only rows whose column holds that text, in upper or lower case.
    pub(super) fn when_like(&mut self, column: &str, part: &str) {
        let pattern = self.pattern(part);
        self.when_value(&format!("{column} LIKE ? ESCAPE '\\'"), pattern);
    }

    /// Only rows whose column does not hold that text, in upper or lower case.
    pub(super) fn when_unlike(&mut self, column: &str, part: &str) {
        let pattern = self.pattern(part);
        self.when_value(&format!("{column} NOT LIKE ? ESCAPE '\\'"), pattern);
    }

    /// A pattern of LIKE for texts that hold that part.
    fn pattern(&mut self, part: &str) -> String {
        self.is_too_long |= part.len() > LONGEST_PART;
        let mut pattern = String::with_capacity(part.len() + 2);
        pattern.push('%');
        for letter in part.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        pattern
    }

    /// Adds text behind the conditions, such as a grouping.
    pub(super) fn then(&mut self, text: &str) {
        self.text.push(' ');
        self.text.push_str(text);
    }

    pub(super) fn order_by(&mut self, columns: &str) {
        self.then("ORDER BY ");
        self.text.push_str(columns);
    }

    pub(super) fn limit(&mut self, most: u32) {
        self.then("LIMIT ");
        self.push(most);
    }

    pub(super) fn page(&mut self, page: Page) {
        self.limit(page.limit);
        self.then("OFFSET ");
        self.push(page.offset);
    }

    pub(super) async fn rows<T>(
        self,
        tx: &mut Tx<'_>,
        read: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.check()?;
        tx.rows(&self.text, &self.values, read).await
    }

    /// The only column of the only row.
    pub(super) async fn value<T: Column>(self, tx: &mut Tx<'_>) -> Result<T> {
        let mut rows = self.rows(tx, |row| row.next()).await?;
        rows.pop().ok_or_else(|| Error::internal("the database answered without a row"))
    }

    fn check(&self) -> Result<()> {
        if self.values.len() > MOST_VALUES || self.conditions > MOST_CONDITIONS {
            return Err(Error::invalid("the filter names too much")
                .with_hint(format!("name at most {MOST_VALUES} values")));
        }
        if self.is_too_long {
            return Err(Error::invalid("the filter looks for too long a text"));
        }
        Ok(())
    }

    /// Adds a value at the end of the text.
    pub(super) fn push(&mut self, value: impl Into<Value<'static>>) {
        self.values.push(value.into());
        let _ = write!(self.text, "${}", self.values.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn values_are_bound_and_wildcards_are_letters() {
        let mut query = Query::new("SELECT id FROM flow");
        query.when_one_of("name IN ?", ["a'; DROP TABLE flow", "b"]);
        query.when_like("name", "50%_\\");
        query.page(Page::first(5));
        let text = "SELECT id FROM flow WHERE name IN ($1, $2) AND name LIKE $3 ESCAPE '\\' LIMIT $4 OFFSET $5";
        assert_eq!(query.text, text);
        assert_eq!(query.values[2], Value::from("%50\\%\\_\\\\%"));
    }

    #[test]
    fn conditions_nest_and_empty_ones_vanish() {
        let mut query = Query::new("SELECT 1 FROM a");
        query.when_joined(Operator::Or, |_| {});
        query.when("a");
        query.when_joined(Operator::Or, |query| {
            query.when("b");
            query.when_joined(Operator::And, |_| {});
            query.when_found("EXISTS (SELECT 1 FROM c", |query| {
                query.when("d");
                query.when("e");
            });
        });
        query.when("f");
        let text =
            "SELECT 1 FROM a WHERE a AND (b OR EXISTS (SELECT 1 FROM c WHERE d AND e)) AND f";
        assert_eq!(query.text, text);
    }

    #[test]
    fn too_much_is_refused_before_the_database_does() {
        let mut long = Query::new("SELECT 1 FROM a");
        long.when_like("b", &"x".repeat(LONGEST_PART + 1));
        let mut wide = Query::new("SELECT 1 FROM a");
        wide.when_one_of("b IN ?", 0..20_000_i64);
        let mut deep = Query::new("SELECT 1 FROM a");
        (0..1000).for_each(|_| deep.when("b"));
        for query in [long, wide, deep] {
            assert_eq!(query.check().map_err(|error| error.kind()), Err(ErrorKind::Invalid));
        }
    }
}
