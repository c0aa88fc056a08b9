//! The real dbt, which `tests/setup/dbt.sh` installs, and jaffle_shop to run it on.

use std::fs;
use std::path::{Path, PathBuf};

use super::executable::on_path;

/// The project of the examples.
const JAFFLE_SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/jaffle_shop");

/// The dbt on `PATH`.
pub(crate) fn dbt() -> PathBuf {
    on_path("dbt", "dbt.sh")
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
