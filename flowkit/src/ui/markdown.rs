//! Markdown from users: formatted, but never more than that.
//!
//! Raw HTML is shown as the text that it is; links lead to the web or to a mailbox only; pictures
//! become links, so that looking at a page tells nobody about it.

use std::fmt;

use askama::filters::HtmlSafe;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::text::escape;

/// Formatted text from a user.
#[derive(Debug)]
pub(super) struct Markdown(String);

impl fmt::Display for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markdown {}

impl Markdown {
    /// Formats a text.
    pub(super) fn new(text: &str) -> Self {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut formatted = String::with_capacity(text.len() * 2);
        html::push_html(&mut formatted, Parser::new_ext(text, options).map(tame));
        Self(formatted)
    }
}

/// An event that does no harm.
fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::Link { dest_url, .. }) => made(&open(&dest_url, "")),
        Event::Start(Tag::Image { dest_url, .. }) => made(&open(&dest_url, "Picture: ")),
        Event::End(TagEnd::Link | TagEnd::Image) => made("</a>"),
        // Both would keep what is in them from being formatted as paragraphs.
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        other => other,
    }
}

fn made(html: &str) -> Event<'static> {
    Event::InlineHtml(CowStr::from(html.to_owned()))
}

fn open(address: &str, before: &str) -> String {
    match safe_address(address) {
        Some(address) => {
            let address = escape(address);
            format!("<a href=\"{address}\" rel=\"noopener noreferrer nofollow\">{before}")
        }
        None => format!("<a>{before}"),
    }
}

/// An address that a browser may be led to.
pub(super) fn safe_address(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':')?.0.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "mailto").then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Markdown::new(text).to_string().trim_end(), expected);
    }

    #[test]
    fn text_is_formatted() {
        check("# A *b*", "<h1>A <em>b</em></h1>");
        check(
            "[a](https://b.example/?c&d)",
            "<p><a href=\"https://b.example/?c&amp;d\" rel=\"noopener noreferrer nofollow\">a</a></p>",
        );
    }

    #[test]
    fn html_is_text() {
        check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
        check("a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>");
    }

    #[test]
    fn links_lead_nowhere_dangerous() {
        for address in ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/a", "x"]
        {
            check(&format!("[a](<{address}>)"), "<p><a>a</a></p>");
        }
        check("<javascript:alert(1)>", "<p><a>javascript:alert(1)</a></p>");
    }

    #[test]
    fn pictures_are_links() {
        let link = "<p><a href=\"https://b.example/c.png\" rel=\"noopener noreferrer nofollow\">Picture: a</a></p>";
        check("![a](https://b.example/c.png)", link);
    }

    #[test]
    fn quotes_do_not_end_an_attribute() {
        let shown = Markdown::new("[a](<https://b.example/\"onmouseover=\"x>)").to_string();
        assert!(!shown.contains("\"onmouseover"), "{shown}");
    }
}
