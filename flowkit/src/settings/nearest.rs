//! The known name that a mistyped one most likely meant.

/// The nearest of the known names, if one is near enough to be worth suggesting.
///
/// ```
/// use flowkit::settings::nearest;
///
/// assert_eq!(nearest("dmeo", ["default", "demo"]), Some("demo"));
/// assert_eq!(nearest("prod", ["default", "demo"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(wanted, name), name))
        .min()
        .filter(|&(distance, name)| {
            let length = name.chars().count();
            // A name of which every character would change has nothing to do with it.
            distance <= length / 4 + 1 && distance < length
        })
        .map(|(_, name)| name)
}

/// How many characters have to be added, taken away or replaced to make one into the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("demo", "demo"), 0);
        assert_eq!(distance("dmeo", "demo"), 2);
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        assert_eq!(nearest("dmeo", ["default", "demo"]), Some("demo"));
        assert_eq!(nearest("prod", ["default", "demo"]), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest("b", ["a"]), None);
        assert_eq!(nearest("ab", ["a"]), None);
    }
}
