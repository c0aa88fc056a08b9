//! Query: a SELECT put together from typed parts. Values are bound, never written into the text.

use std::fmt::Write;

use super::tx::Tx;
use super::value::{Row, Value};
use crate::Result;
use crate::wire::Page;

/// A SELECT that is being put together.
pub(super) struct Query {
    text: String,
    values: Vec<Value<'static>>,
    has_conditions: bool,
}

impl Query {
    /// Begins with everything before WHERE.
    pub(super) fn new(select: &str) -> Self {
        Self { text: select.to_owned(), values: Vec::new(), has_conditions: false }
    }

    /// Only rows of which that is true.
    pub(super) fn when(&mut self, condition: &str) {
        self.text.push_str(if self.has_conditions { " AND " } else { " WHERE " });
        self.has_conditions = true;
        self.text.push_str(condition);
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
        let mut list = list.into_iter().peekable();
        if list.peek().is_none() {
            // Postgres has no empty lists.
            return self.when("FALSE");
        }
        let (before, after) = condition.split_once('?').unwrap_or((condition, ""));
        self.when(before);
        self.text.push('(');
        for (index, value) in list.enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.push(value);
        }
        self.text.push(')');
        self.text.push_str(after);
    }

    /// Only rows whose column holds that text, in upper or lower case.
    pub(super) fn when_like(&mut self, column: &str, part: &str) {
        let mut pattern = String::with_capacity(part.len() + 2);
        pattern.push('%');
        for letter in part.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        self.when_value(&format!("{column} LIKE ? ESCAPE '\\'"), pattern);
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

    pub(super) fn page(&mut self, page: Page) {
        self.then("LIMIT ");
        self.push(page.limit);
        self.then("OFFSET ");
        self.push(page.offset);
    }

    pub(super) async fn rows<T>(
        self,
        tx: &mut Tx<'_>,
        read: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        tx.rows(&self.text, &self.values, read).await
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
}
