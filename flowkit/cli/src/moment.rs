//! Times and durations as people say them.

use std::time::Duration;

use chrono::Local;
use flowkit::Timestamp;

use crate::counts;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long ago that was, or how soon it will be: `2 minutes ago`.
pub(crate) fn ago(then: Timestamp, now: Timestamp) -> String {
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
    let (count, unit) = match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        DAY.. => (seconds / DAY, "day"),
    };
    counts::of(count, unit)
}

/// How long something took: `350ms`, `1.2s`, `30s`, `2m 5s`, `1h 2m`, `3d 4h`.
pub(crate) fn took(duration: Duration) -> String {
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

/// The day and the time here, and how long ago that was.
pub(crate) fn day_and_time(then: Timestamp, now: Timestamp) -> String {
    let here = then.to_datetime().with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
    format!("{here} ({})", ago(then, now))
}

/// The time of the day here, to the millisecond.
pub(crate) fn time_of_day(then: Timestamp) -> String {
    then.to_datetime().with_timezone(&Local).format("%H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_the_largest_unit() {
        let now = Timestamp::from_micros(1_000_000_000_000);
        let ago = |seconds| super::ago(now - Duration::from_secs(seconds), now);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(1), "1 second ago");
        assert_eq!(ago(59), "59 seconds ago");
        assert_eq!(ago(120), "2 minutes ago");
        assert_eq!(ago(3 * HOUR + 59), "3 hours ago");
        assert_eq!(ago(40 * DAY), "40 days ago");
        assert_eq!(super::ago(now + Duration::from_secs(90), now), "in 1 minute");
    }

    #[test]
    fn durations_keep_two_units() {
        let took = |seconds| super::took(Duration::from_secs_f64(seconds));
        assert_eq!(took(0.0), "0ms");
        assert_eq!(took(0.000_35), "<1ms");
        assert_eq!(took(0.35), "350ms");
        assert_eq!(took(1.25), "1.2s");
        assert_eq!(took(30.0), "30s");
        assert_eq!(took(59.99), "59.9s");
        assert_eq!(took(125.0), "2m 5s");
        assert_eq!(took(3_725.0), "1h 2m");
        assert_eq!(took(273_600.0), "3d 4h");
    }
}
