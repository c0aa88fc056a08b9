//! Host: how a process shows others on its machine that it lives.

use std::fs::File;
use std::path::PathBuf;

use crate::chance;
use crate::clock::Clock;
use crate::settings::Settings;
use crate::wire::LeaseHolder;

/// Introduces this process: who it is, and the file that it holds locked while it lives.
pub(super) fn introduce(settings: &Settings, clock: &Clock) -> (LeaseHolder, Option<File>) {
    let id = chance::new_id(clock.now());
    let path = folder(settings).join(format!("{id}.lock"));
    // Without the file, others judge by the lease alone.
    let file = make_locked(&path).ok();
    let lock_file = file.as_ref().map(|_| path.to_string_lossy().into_owned());
    (LeaseHolder { id, host: name(), pid: std::process::id(), lock_file }, file)
}

fn make_locked(path: &PathBuf) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(path)?;
    file.lock()?;
    Ok(file)
}

fn folder(settings: &Settings) -> PathBuf {
    settings.home().join("processes")
}

/// Removes the files of processes that died.
pub(super) fn sweep(settings: &Settings) {
    let Ok(entries) = std::fs::read_dir(folder(settings)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let dead = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if dead {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The machine while it runs: its name and, where it tells, the id of its boot.
fn name() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let host = read("/proc/sys/kernel/hostname");
    let boot = read("/proc/sys/kernel/random/boot_id");
    match (host.as_str(), boot.as_str()) {
        ("", _) => "localhost".to_owned(),
        (host, "") => host.to_owned(),
        (host, boot) => format!("{host}/{boot}"),
    }
}
