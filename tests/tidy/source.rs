//! Reads the tree, and Rust as far as the rules need it.

use std::{fs, path::Path};

/// What git and the tools leave behind; never committed, so never read.
const LEFT_BEHIND: &[&str] = &[
    ".git",
    ".tools",
    "target",
    "examples/jaffle_shop/.user.yml",
    "examples/jaffle_shop/dbt_internal_packages",
    "examples/jaffle_shop/logs",
    "examples/jaffle_shop/target",
];

/// A text file of the tree, its path counted from the root with forward slashes.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// The text without what only people read: comments are blank, strings are quotes.
    pub(super) fn code(&self) -> String {
        match self.path.rsplit('.').next() {
            Some("rs") => blank(&self.text),
            Some("css" | "html" | "js" | "sh" | "sql") => self.text.clone(),
            _ => String::new(),
        }
    }
}

/// Turns comments of Rust into blanks and its literals into quotes; every line stays.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_word = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let (length, filling) = if let Some(length) = comment_length(rest) {
            (length, ' ')
        } else if let Some(length) = literal_length(rest, in_word) {
            (length, '"')
        } else {
            (first.len_utf8(), first)
        };
        let (piece, after) = rest.split_at(length);
        code.extend(piece.chars().map(|c| if c == '\n' { c } else { filling }));
        rest = after;
    }
    code
}

/// How long the comment is that starts here, if one does.
fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut at = text.starts_with("/*").then_some(2)?;
    let mut open = 1;
    while open > 0 && at < text.len() {
        let (step, change) = match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        open += change;
    }
    Some(at)
}

/// How long the string or character is that starts here, if one does.
fn literal_length(text: &str, in_word: bool) -> Option<usize> {
    match text.as_bytes() {
        [b'"', ..] => {
            let mut at = 1;
            while at < text.len() && text.as_bytes()[at] != b'"' {
                at += if text.as_bytes()[at] == b'\\' { 2 } else { 1 };
            }
            Some(text.len().min(at + 1))
        }
        [b'\'', b'\\', _, tail @ ..] => Some(4 + tail.iter().position(|b| *b == b'\'')?),
        [b'\'', ..] => {
            // Without the second quote it is a lifetime.
            let length = 1 + text[1..].chars().next()?.len_utf8();
            text[length..].starts_with('\'').then_some(length + 1)
        }
        _ if in_word => None,
        _ => {
            let raw = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
            let quoted = raw.trim_start_matches('#');
            let end = format!("\"{}", "#".repeat(raw.len() - quoted.len()));
            let inside = quoted.strip_prefix('"')?;
            Some(text.len() - inside.len() + inside.find(&end)? + end.len())
        }
    }
}

/// Every path of the code that starts at a crate's root or climbs, groups spelled out.
pub(super) fn paths(code: &str) -> Vec<(usize, Vec<&str>)> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].1 {
            "crate" | "super" | "flowkit" => walk(&tokens, at, Vec::new(), &mut found),
            _ => at + 1,
        };
    }
    found
}

/// Follows one path from the token at hand, notes where it leads, returns the token after it.
fn walk<'a>(
    tokens: &[(usize, &'a str)],
    mut at: usize,
    mut path: Vec<&'a str>,
    found: &mut Vec<(usize, Vec<&'a str>)>,
) -> usize {
    let token = |at: usize| tokens.get(at).map_or("}", |(_, token)| token);
    while token(at) != "{" {
        path.push(token(at));
        at += 1;
        let goes_on = token(at) == "::" && !matches!(token(at + 1), "<" | "}");
        if !goes_on {
            found.push((tokens[at - 1].0, path));
            return at;
        }
        at += 1;
    }
    at += 1;
    while token(at) != "}" {
        at = walk(tokens, at, path.clone(), found);
        // What follows a name in a group is `as` and another name.
        while !matches!(token(at), "," | "}") {
            at += 1;
        }
        at += usize::from(token(at) == ",");
    }
    at + 1
}

/// Words, double colons and single other signs, each with its line.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                _ if is_letter(first) => rest.find(|c| !is_letter(c)).unwrap_or(rest.len()),
                _ if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            found.push((at + 1, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    found
}

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace")
}

/// Names in a folder of the tree, counted from the root, without what tools left there.
pub(super) fn entries(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder of the tree can be listed");
    let mut paths: Vec<String> = entries
        .map(|entry| entry.expect("an entry can be read").file_name())
        .map(|name| name.into_string().expect("names are UTF-8"))
        .map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") })
        .filter(|path| !LEFT_BEHIND.contains(&path.as_str()) && !path.ends_with(".profraw"))
        .collect();
    paths.sort();
    paths
}

/// Every text file below a folder.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if root().join(&path).is_dir() {
            found.extend(sources(&path));
        } else if let Ok(text) = fs::read_to_string(root().join(&path)) {
            found.push(Source { path, text });
        }
    }
    found
}

#[test]
fn only_code_is_left_of_rust() {
    let check = |text, expected| assert_eq!(blank(text), expected);

    check("a // b\nc", "a     \nc");
    check("a /* b /* c */ d */ e", "a                   e");
    check(r#"a("b\"c", 'd', '\'')"#, r#"a("""""", """, """")"#);
    check(r##"a(br#"b"c"#, r"d\")"##, r##"a(""""""""", """"")"##);
    check("fn a<'b>(r#c: &'b str)", "fn a<'b>(r#c: &'b str)");
    check("a(\"b\nc\")", "a(\"\"\n\"\")");
}
