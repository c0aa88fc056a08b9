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

/// How many letters are to be added, removed, changed or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.chars().collect(), to.chars().collect());
    // `steps[a][b]` is the distance of the first `a` letters from the first `b` letters.
    let mut steps = vec![vec![0; to.len() + 1]; from.len() + 1];
    for a in 0..=from.len() {
        for b in 0..=to.len() {
            steps[a][b] = match (a, b) {
                (0, _) | (_, 0) => a + b,
                _ => {
                    let differs = usize::from(from[a - 1] != to[b - 1]);
                    let changed = steps[a - 1][b - 1] + differs;
                    changed.min(steps[a - 1][b] + 1).min(steps[a][b - 1] + 1)
                }
            };
            if a > 1 && b > 1 && from[a - 2..a] == [to[b - 1], to[b - 2]] {
                steps[a][b] = steps[a][b].min(steps[a - 2][b - 2] + 1);
            }
        }
    }
    steps[from.len()][to.len()]
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
        assert_eq!(distance("tiemout", "timeout"), 1);
        assert_eq!(distance("dya", "day"), 1);
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
