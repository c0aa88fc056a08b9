//! Durations as one writes them: `"250ms"`, `"1m 30s"`, `"2d"`.

use proc_macro2::TokenStream;
use quote::quote;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// The units from short to long, each with its nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", NANOSECONDS_PER_MILLISECOND),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// The nanoseconds of whole numbers, each with its unit; the error is a sentence.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(r#"a duration says how long, as in "30s" or "1m 30s""#.to_owned());
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (nanoseconds, after) = first_part(rest)?;
        total = total.checked_add(nanoseconds).ok_or_else(|| too_long(text))?;
        rest = after.trim_start();
    }
    Ok(total)
}

/// The nanoseconds of the first number with its unit, and the text after them.
fn first_part(text: &str) -> Result<(u64, &str), String> {
    let (number, after) = split(text, |letter| letter.is_ascii_digit());
    if number.is_empty() {
        return Err(no_number(text));
    }
    if after.starts_with(['.', ',']) {
        return Err(r#"a duration takes whole numbers: "1s 500ms", not "1.5s""#.to_owned());
    }
    let (unit, after) = split(after, char::is_alphabetic);
    let unit = unit_nanoseconds(number, unit)?;
    let count = number.parse::<u64>().map_err(|_| too_long(text))?;
    let nanoseconds = count.checked_mul(unit).ok_or_else(|| too_long(text))?;
    Ok((nanoseconds, after))
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|letter| !belongs(letter)).unwrap_or(text.len()))
}

fn unit_nanoseconds(number: &str, unit: &str) -> Result<u64, String> {
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map(|(_, nanoseconds)| *nanoseconds).ok_or_else(|| {
        let units = UNITS.map(|(name, _)| format!("`{name}`")).join(", ");
        match unit {
            "" => format!("`{number}` has no unit; the units are {units}"),
            _ => format!("there is no unit `{unit}`; the units are {units}"),
        }
    })
}

fn no_number(text: &str) -> String {
    if text.starts_with('-') {
        return "a duration is never negative".to_owned();
    }
    format!("`{text}` does not begin with a number, as a duration does: \"30s\"")
}

fn too_long(text: &str) -> String {
    format!("`{text}` is longer than the 584 years a duration can hold")
}

/// A constant expression of the duration.
pub(crate) fn tokens(nanoseconds: u64) -> TokenStream {
    if nanoseconds.is_multiple_of(NANOSECONDS_PER_MILLISECOND) {
        let milliseconds = nanoseconds / NANOSECONDS_PER_MILLISECOND;
        quote!(::core::time::Duration::from_millis(#milliseconds))
    } else {
        quote!(::core::time::Duration::from_nanos(#nanoseconds))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn units_add_up() {
        let read = |text| Duration::from_nanos(parse(text).unwrap());

        assert_eq!(read("250ms"), Duration::from_millis(250));
        assert_eq!(read("1m 30s"), Duration::from_secs(90));
        assert_eq!(read("1m30s"), Duration::from_secs(90));
        assert_eq!(read(" 1h "), Duration::from_secs(3_600));
        assert_eq!(read("2d"), Duration::from_secs(172_800));
        assert_eq!(read("5us 3ns"), Duration::from_nanos(5_003));
        assert_eq!(read("0s"), Duration::ZERO);
    }

    #[test]
    fn each_refusal_says_what_is_allowed() {
        let refusal = |text| parse(text).unwrap_err();

        assert_eq!(refusal(""), r#"a duration says how long, as in "30s" or "1m 30s""#);
        assert_eq!(
            refusal("30"),
            "`30` has no unit; the units are `ns`, `us`, `ms`, `s`, `m`, `h`, `d`"
        );
        assert_eq!(
            refusal("3 weeks"),
            "`3` has no unit; the units are `ns`, `us`, `ms`, `s`, `m`, `h`, `d`"
        );
        assert_eq!(
            refusal("2min"),
            "there is no unit `min`; the units are `ns`, `us`, `ms`, `s`, `m`, `h`, `d`"
        );
        assert_eq!(refusal("1.5s"), r#"a duration takes whole numbers: "1s 500ms", not "1.5s""#);
        assert_eq!(refusal("-2s"), "a duration is never negative");
        assert_eq!(
            refusal("soon"),
            "`soon` does not begin with a number, as a duration does: \"30s\""
        );
    }

    #[test]
    fn overflow_is_refused_in_the_number_the_unit_and_the_sum() {
        for text in ["99999999999999999999s", "300000d", "200000d 200000d"] {
            assert!(parse(text).unwrap_err().contains("584 years"), "{text}");
        }
    }

    #[test]
    fn constant_keeps_what_is_under_a_millisecond() {
        let written = |text| tokens(parse(text).unwrap()).to_string();

        assert!(written("2s").contains("from_millis (2000u64)"));
        assert!(written("2us").contains("from_nanos (2000u64)"));
    }
}
