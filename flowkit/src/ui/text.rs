//! Times, durations and numbers as people say them.

use std::time::Duration;

use crate::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long ago that was, or how soon it will be: `2 min ago`. The script says it the same way.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let past = now.since(then).as_secs();
    let future = then.since(now).as_secs();
    match (past, future) {
        (0, 0) => "just now".to_owned(),
        (past, 0) => format!("{} ago", rough(past)),
        (_, future) => format!("in {}", rough(future)),
    }
}

/// The largest unit that is at least one of it.
fn rough(seconds: u64) -> String {
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        DAY.. => format!("{} d", seconds / DAY),
    }
}

/// How long something took: `350ms`, `1.2s`, `30s`, `2m 5s`, `1h 2m`, `3d 4h`.
pub(super) fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_micros() > 0 && duration.as_millis() == 0 => "<1ms".to_owned(),
        0 => format!("{}ms", duration.as_millis()),
        1..MINUTE if duration.subsec_millis() < 100 => format!("{seconds}s"),
        1..MINUTE => format!("{seconds}.{}s", duration.subsec_millis() / 100),
        MINUTE..HOUR => format!("{}m {}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h {}m", seconds / HOUR, seconds % HOUR / MINUTE),
        DAY.. => format!("{}d {}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// A number with its thousands apart.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 task run`, `3 task runs`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", self::number(number))
}

/// The beginning of a text, with a sign where it goes on.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A text without what HTML would read in it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_largest_unit() {
        let now = Timestamp::from_micros(1_000_000_000_000);
        let ago = |seconds| super::ago(now - Duration::from_secs(seconds), now);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(59), "59 s ago");
        assert_eq!(ago(120), "2 min ago");
        assert_eq!(ago(40 * DAY), "40 d ago");
        assert_eq!(super::ago(now + Duration::from_secs(90), now), "in 1 min");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(1, "task run"), "1 task run");
        assert_eq!(count(0, "task run"), "0 task runs");
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äöü…");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<a b='\"&'>"), "&lt;a b=&#39;&quot;&amp;&#39;&gt;");
    }
}
