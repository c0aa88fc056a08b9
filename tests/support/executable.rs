//! Programs that the scripts of `tests/setup` install.

use std::path::PathBuf;

/// The program of that name on `PATH`, which that script of `tests/setup` puts there.
///
/// # Panics
/// Without it: these tests are not skipped.
pub(crate) fn on_path(program: &str, script: &str) -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "the place of a program is no setting of flowkit"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|folder| folder.join(program));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(
            r#"there is no {program} on PATH; run tests/run, or: export PATH="$(tests/setup/{script}):$PATH""#
        )
    })
}
