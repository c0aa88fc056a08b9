//! What differs from run to run, made the same in transcripts.

/// What to replace, by what.
const REDACTIONS: &[(&str, &str)] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[ID]"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "[MOMENT]"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[DAY AND TIME]"),
    (r"\d\d:\d\d:\d\d\.\d{3}", "[TIME]"),
    (r"just now|\d+ seconds? ago", "[AGO]"),
    (r"<1ms|\b\d+ms|\b\d+\.\ds", "[TOOK]"),
    (r"\d[\d.]* [kM]?B\b", "[SIZE]"),
    (r#"("(total_run_time|estimated_\w+|size_bytes\w*)": )[\d.e-]+"#, "$1[NUMBER]"),
    (r"process \d+ on (host )?[\w./-]+", "process [PID] on $1[HOST]"),
    (r"(Version  +)[0-9a-f]{16}", "$1[HASH]"),
    (r#"("(flow|task)_version": ")[0-9a-f]{16}"#, "$1[HASH]"),
    ("fku_[A-Za-z0-9_-]{43}", "[KEY]"),
    // Columns are as wide as what was redacted.
    (r"(\S) {3,}", "$1  "),
];

/// Redacts transcripts until the end of the test.
pub(crate) fn redactions() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    for (pattern, replacement) in REDACTIONS {
        settings.add_filter(pattern, *replacement);
    }
    settings.bind_to_scope()
}
