//! A folder of this machine as a storage.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use uuid::Uuid;

use super::Storage;
use crate::chance;
use crate::clock::Clock;
use crate::{Error, Result, Timestamp};

/// A folder of this machine as a [`Storage`].
#[derive(Debug, Clone)]
pub struct LocalFileSystem {
    folder: PathBuf,
}

impl LocalFileSystem {
    /// The storage in that folder, which is made when it is first written to.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Deletes the files directly inside a folder of it that were last written before that time.
    pub(crate) async fn delete_older(&self, folder: &str, before: Timestamp) -> Result<()> {
        let folder = self.path(folder)?;
        let limit = u64::try_from(before.as_micros()).unwrap_or(0);
        let limit = SystemTime::UNIX_EPOCH + Duration::from_micros(limit);
        off_thread(move || {
            let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
            for entry in entries.flatten() {
                let written = entry.metadata().and_then(|metadata| metadata.modified());
                if written.is_ok_and(|written| written < limit) {
                    let path = entry.path();
                    std::fs::remove_file(&path).map_err(|error| failure("delete", &path, error))?;
                }
            }
            Ok(())
        })
        .await
    }

    fn path(&self, key: &str) -> Result<PathBuf> {
        let relative = Path::new(key);
        let stays = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if !stays || key.is_empty() {
            return Err(Error::invalid(format!("the key `{key}` leaves its storage")));
        }
        Ok(self.folder.join(relative))
    }
}

#[async_trait]
impl Storage for LocalFileSystem {
    async fn write(&self, key: &str, content: Vec<u8>) -> Result<()> {
        let path = self.path(key)?;
        // Renamed into place, so that a reader or a crash never sees half a file.
        let draft = path.with_extension(format!("{}.draft", draft_id()));
        off_thread(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failure("make", folder, error))?;
            }
            std::fs::write(&draft, content).map_err(|error| failure("write", &draft, error))?;
            std::fs::rename(&draft, &path).map_err(|error| failure("write", &path, error))
        })
        .await
    }

    async fn read(&self, key: &str) -> Result<Vec<u8>> {
        let path = self.path(key)?;
        off_thread(move || std::fs::read(&path).map_err(|error| failure("read", &path, error)))
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key)?;
        off_thread(move || match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failure("delete", &path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        })
        .await
    }
}

fn draft_id() -> Uuid {
    chance::new_id(Clock::system().now())
}

fn failure(verb: &str, path: &Path, error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::not_found(format!("file {}", path.display()));
    }
    Error::unavailable(format!("could not {verb} {}", path.display())).with_source(error)
}

/// Disks block; async threads must not.
async fn off_thread<R: Send + 'static>(
    work: impl FnOnce() -> Result<R> + Send + 'static,
) -> Result<R> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::internal("file access ended early").with_source(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[tokio::test]
    async fn keys_stay_in_their_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = LocalFileSystem::new(folder.path().join("inside"));
        for key in ["../out", "/etc/passwd", "a/../../out", "", "a/./../.."] {
            let error = storage.write(key, vec![1]).await.expect_err(key);
            assert_eq!(error.kind(), ErrorKind::Invalid, "{key}");
        }
        assert!(!folder.path().join("out").exists());
    }

    #[tokio::test]
    async fn content_is_read_back_and_missing_content_is_not_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = LocalFileSystem::new(folder.path());
        storage.write("results/a.json", b"{}".to_vec()).await.expect("written");
        assert_eq!(storage.read("results/a.json").await.expect("read"), b"{}");
        storage.delete("results/a.json").await.expect("deleted");
        let error = storage.read("results/a.json").await.expect_err("gone");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
