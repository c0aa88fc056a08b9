//! The name somebody probably meant.

/// The candidate closest to `name`, if one is close enough to be worth a question.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let close = candidates
        .clone()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= name.len().max(candidate.len()) / 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    close.or_else(|| candidates.into_iter().find(|it| part_of(name, it)))
}

/// Whether one name is a piece of the other, as `delay` is of `retry_delay`.
fn part_of(name: &str, candidate: &str) -> bool {
    name.len() > 2 && (candidate.contains(name) || name.contains(candidate))
}

/// How many letters are to be added, removed or changed (Levenshtein's distance).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["name", "retries", "retry_delay", "timeout", "tags"];

    #[test]
    fn distance_counts_changed_letters() {
        assert_eq!(distance("", "tags"), 4);
        assert_eq!(distance("tags", "tags"), 0);
        assert_eq!(distance("retry", "retries"), 3);
        assert_eq!(distance("tiemout", "timeout"), 2);
    }

    #[test]
    fn slips_find_what_was_meant() {
        let meant = |name| nearest(name, NAMES.into_iter());

        assert_eq!(meant("retry"), Some("retries"));
        assert_eq!(meant("tag"), Some("tags"));
        assert_eq!(meant("delay"), Some("retry_delay"));
        assert_eq!(meant("timeout_seconds"), Some("timeout"));
    }

    #[test]
    fn far_names_find_nothing() {
        assert_eq!(nearest("schedule", NAMES.into_iter()), None);
        assert_eq!(nearest("x", NAMES.into_iter()), None);
    }
}
