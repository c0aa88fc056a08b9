//! Command: a line as one would type it, cut into words.

/// The words of a command line; quotes keep blanks together, `\` keeps the next character.
///
/// A quote that is never closed reaches to the end, and dbt says what it thinks of that.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(letters.next()),
            (_, Some(_)) => word.get_or_insert_default().push(letter),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, None) if letter.is_whitespace() => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_part_words() {
        assert_eq!(words("  build --select\tx  "), ["build", "--select", "x"]);
        assert!(words(" ").is_empty());
    }

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(words("run --vars '{n: 7}'"), ["run", "--vars", "{n: 7}"]);
        assert_eq!(words(r#"a="b 'c'" ''"#), ["a=b 'c'", ""]);
        assert_eq!(words(r#"a\ b "c\"d" 'e\f'"#), ["a b", "c\"d", r"e\f"]);
        assert_eq!(words("run 'to the end"), ["run", "to the end"]);
    }
}
