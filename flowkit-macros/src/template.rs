//! Run names with placeholders: `"load-{day}"`.

use std::iter::Peekable;
use std::str::Chars;

use syn::LitStr;

/// A run name, ready for `format!`.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) literal: LitStr,
    /// The text with its placeholders numbered: `load-{0}`.
    pub(crate) format: String,
    /// The parameters by those numbers, each once.
    pub(crate) names: Vec<String>,
}

impl Template {
    /// Reads `{parameter}` and `{parameter:format}`; `{{` and `}}` stand for the braces.
    pub(crate) fn parse(literal: LitStr) -> syn::Result<Self> {
        let text = literal.value();
        let (mut format, mut names) = (String::new(), Vec::new());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            format.push(letter);
            match letter {
                '{' | '}' if letters.next_if_eq(&letter).is_some() => format.push(letter),
                '{' => {
                    let placeholder = placeholder(&mut letters, &mut names);
                    format += &placeholder.map_err(|sentence| refusal(&literal, sentence))?;
                }
                '}' => return Err(refusal(&literal, "a brace alone is written `}}`")),
                _ => {}
            }
        }
        Ok(Self { literal, format, names })
    }
}

/// Reads from after the opening brace past the closing one: `day:>8}` becomes `0:>8}`.
fn placeholder(
    letters: &mut Peekable<Chars<'_>>,
    names: &mut Vec<String>,
) -> Result<String, &'static str> {
    let mut inside = String::new();
    loop {
        match letters.next() {
            Some('}') => break,
            Some('{') | None => return Err("a placeholder ends with `}`; a brace alone is `{{`"),
            Some(letter) => inside.push(letter),
        }
    }
    let (name, rest) = inside.split_at(inside.find(':').unwrap_or(inside.len()));
    if syn::parse_str::<syn::Ident>(name).is_err()
        && syn::parse_str::<syn::Ident>(&format!("r#{name}")).is_err()
    {
        return Err("a placeholder names a parameter, as in `{day}`");
    }
    if rest.contains('$') {
        return Err("the width and precision of a placeholder are numbers");
    }
    let known = names.iter().position(|known| known == name);
    let number = known.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    Ok(format!("{number}{rest}}}"))
}

fn refusal(literal: &LitStr, sentence: &str) -> syn::Error {
    syn::Error::new(literal.span(), sentence)
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn parse(text: &str) -> syn::Result<Template> {
        Template::parse(LitStr::new(text, Span::call_site()))
    }

    #[test]
    fn placeholders_are_numbered_in_order_and_shared() {
        let template = parse("load-{day}-{part:>3}-{day:?}").unwrap();

        assert_eq!(template.format, "load-{0}-{1:>3}-{0:?}");
        assert_eq!(template.names, ["day", "part"]);
    }

    #[test]
    fn doubled_braces_stay_text() {
        let template = parse("{{day}} {day}").unwrap();

        assert_eq!(template.format, "{{day}} {0}");
        assert_eq!(template.names, ["day"]);
    }

    #[test]
    fn keyword_is_a_name_like_any_other() {
        assert_eq!(parse("{type}").unwrap().names, ["type"]);
    }

    #[test]
    fn each_refusal_says_what_is_allowed() {
        let refusal = |text| parse(text).unwrap_err().to_string();

        let open = "a placeholder ends with `}`; a brace alone is `{{`";
        assert_eq!(refusal("load-{day"), open);
        assert_eq!(refusal("load-{day{"), open);
        assert_eq!(refusal("load-}"), "a brace alone is written `}}`");
        let unnamed = "a placeholder names a parameter, as in `{day}`";
        assert_eq!(refusal("load-{}"), unnamed);
        assert_eq!(refusal("load-{0}"), unnamed);
        assert_eq!(refusal("load-{day.year}"), unnamed);
        assert_eq!(refusal("{day:width$}"), "the width and precision of a placeholder are numbers");
    }
}
