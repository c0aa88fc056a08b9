//! Differences between what Prefect's server answers and what ours does, as a snapshot.

/// Holds differences against those that are written down, whatever their order.
#[track_caller]
pub(crate) fn assert_differences(name: &str, mut differences: Vec<String>) {
    differences.sort();
    differences.dedup();
    let filters = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "[time]"),
        (r"127\.0\.0\.1:\d+", "[server]"),
    ];
    insta::with_settings!({ filters => filters, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name.to_owned(), differences.join("\n"));
    });
}
