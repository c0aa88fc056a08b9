//! The real dbt, which `tests/setup/dbt.sh` installs, and jaffle_shop to run it on.

use std::fs;
use std::path::{Path, PathBuf};

/// The project of the examples.
const JAFFLE_SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/jaffle_shop");

/// The dbt on `PATH`.
///
/// # Panics
/// Without it: these tests are not skipped.
pub(crate) fn dbt() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the place of dbt is no setting of flowkit")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|folder| folder.join("dbt"));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(r#"there is no dbt on PATH; run tests/run, or: export PATH="$(tests/setup/dbt.sh):$PATH""#)
    })
}

/// Copies jaffle_shop into a folder, to be changed and built there.
pub(crate) fn copy_jaffle_shop(folder: &Path) -> PathBuf {
    let copy = folder.join("jaffle_shop");
    copy_folder(Path::new(JAFFLE_SHOP), &copy);
    fs::create_dir(copy.join("target")).expect("a folder is made");
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder is made");
    for entry in fs::read_dir(from).expect("a folder is read") {
        let entry = entry.expect("an entry is read");
        let (name, from) = (entry.file_name(), entry.path());
        // What dbt wrote there is no part of the project.
        if name == "target" || name == "logs" {
            continue;
        }
        if from.is_dir() {
            copy_folder(&from, &to.join(name));
        } else {
            fs::copy(&from, to.join(name)).expect("a file is copied");
        }
    }
}
