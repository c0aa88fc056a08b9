//! Vault: encrypts what must not be readable in the database, and makes secrets.
//!
//! AES-256-GCM with a fresh nonce each time. What is sealed is bound to the id of its row, so that
//! it cannot be put into another one. The key is a setting, or lies in a file beside the database
//! that is made when the first secret is kept.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind as Io, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::secret::{self, Secret};
use crate::settings::Settings;
use crate::{Error, Result};

/// The fewest letters of a key: 32 random bytes take more, and a word takes fewer.
const SHORTEST_KEY: usize = 32;

/// What everything sealed begins with, so that another way of sealing can follow one day.
const VERSION: &str = "1";

/// Encrypts what must not be readable in the database.
pub(super) struct Vault {
    given: Option<Secret>,
    file: PathBuf,
    keys: OnceLock<Keys>,
}

struct Keys {
    /// Tells keys apart without telling them.
    mark: String,
    seal: LessSafeKey,
    digest: hmac::Key,
}

impl Vault {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            given: settings.encryption_key().cloned(),
            file: settings.home().join("encryption.key"),
            keys: OnceLock::new(),
        }
    }

    /// Encrypts the content of the row with that id.
    pub(super) fn seal(&self, id: Uuid, mut content: Vec<u8>) -> Result<String> {
        let keys = self.keys()?;
        let nonce = random::<NONCE_LEN>()?;
        let sealing = Nonce::assume_unique_for_key(nonce);
        keys.seal
            .seal_in_place_append_tag(sealing, Aad::from(id.as_bytes()), &mut content)
            .map_err(|_| Error::internal("a secret could not be encrypted"))?;
        let sealed = STANDARD.encode([&nonce[..], &content].concat());
        Ok(format!("{VERSION}:{}:{sealed}", keys.mark))
    }

    /// Decrypts the content of the row with that id.
    pub(super) fn open(&self, id: Uuid, sealed: &str) -> Result<Vec<u8>> {
        let mut parts = sealed.splitn(3, ':');
        let (Some(VERSION), Some(mark), Some(sealed)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(broken());
        };
        let keys = self.keys()?;
        if mark != keys.mark {
            return Err(Error::unavailable("a block was encrypted with another key")
                .with_hint("set FLOWKIT_ENCRYPTION_KEY to the key that it was saved with"));
        }
        let mut content = STANDARD.decode(sealed).map_err(|_| broken())?;
        if content.len() < NONCE_LEN {
            return Err(broken());
        }
        let mut sealed = content.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&content).map_err(|_| broken())?;
        let opened = keys.seal.open_in_place(nonce, Aad::from(id.as_bytes()), &mut sealed);
        let length = opened.map_err(|_| broken())?.len();
        sealed.truncate(length);
        Ok(sealed)
    }

    /// A number by which equal contents are found without being told.
    pub(super) fn digest(&self, content: &[u8]) -> Result<u128> {
        let tag = hmac::sign(&self.keys()?.digest, content);
        let (first, _) = tag.as_ref().split_first_chunk::<16>().ok_or_else(broken)?;
        Ok(u128::from_be_bytes(*first))
    }

    fn keys(&self) -> Result<&Keys> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let key = match &self.given {
            Some(key) => key.expose().to_owned(),
            None => read_or_make(&self.file)?,
        };
        if key.len() < SHORTEST_KEY {
            return Err(Error::invalid("the encryption key is too short to protect anything")
                .with_hint("make one: openssl rand -base64 32"));
        }
        secret::register(&key);
        let keys = Keys::of(&key)?;
        Ok(self.keys.get_or_init(|| keys))
    }
}

fn broken() -> Error {
    Error::internal("an encrypted value of the database cannot be read")
}

impl Keys {
    /// One key for each purpose, from the one that is kept.
    fn of(key: &str) -> Result<Self> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let derive = |purpose: &str| hmac::sign(&root, purpose.as_bytes());
        let seal = UnboundKey::new(&AES_256_GCM, derive("seal").as_ref());
        let seal = seal.map_err(|_| Error::internal("the encryption key cannot be used"))?;
        let mark = URL_SAFE_NO_PAD.encode(&derive("mark").as_ref()[..6]);
        let digest = hmac::Key::new(hmac::HMAC_SHA256, derive("digest").as_ref());
        Ok(Self { mark, seal: LessSafeKey::new(seal), digest })
    }
}

/// The key in the file; of several processes that make it at once, one does.
fn read_or_make(path: &Path) -> Result<String> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    make(path).map_err(|error| unusable(path, error))?;
    read(path)?.ok_or_else(|| Error::internal("the encryption key is gone again"))
}

fn read(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == Io::NotFound => Ok(None),
        Err(error) => Err(unusable(path, error)),
    }
}

/// Written whole under another name first: nobody ever reads half a key.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let chance = random::<32>().map_err(std::io::Error::other)?;
    let draft = path.with_extension(format!("{}.new", URL_SAFE_NO_PAD.encode(&chance[..6])));
    let mut file = new_private_file(&draft)?;
    let written =
        writeln!(file, "{}", STANDARD.encode(random::<32>().map_err(std::io::Error::other)?))
            .and_then(|()| file.sync_all())
            .and_then(|()| match std::fs::hard_link(&draft, path) {
                Err(error) if error.kind() == Io::AlreadyExists => Ok(()),
                linked => linked,
            });
    std::fs::remove_file(&draft)?;
    written
}

fn new_private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::unavailable(format!("the encryption key {} cannot be used", path.display()))
        .with_source(error)
        .with_hint("or set FLOWKIT_ENCRYPTION_KEY")
}

/// Bytes from the randomness of the system.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::unavailable("the system has no randomness"))?;
    Ok(bytes)
}

/// A text that nobody can guess.
pub(super) fn unguessable() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: Option<&str>, folder: &Path) -> Vault {
        Vault {
            given: key.map(Secret::new),
            file: folder.join("encryption.key"),
            keys: OnceLock::new(),
        }
    }

    #[test]
    fn sealed_content_is_opened_for_its_row_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = vault(None, folder.path());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));

        let sealed = vault.seal(one, b"hunter22".to_vec()).expect("sealed");

        assert!(!sealed.contains("hunter22"));
        assert_ne!(sealed, vault.seal(one, b"hunter22".to_vec()).expect("sealed"));
        assert_eq!(vault.open(one, &sealed).expect("opened"), b"hunter22");
        assert!(vault.open(other, &sealed).is_err());
        for wrong in ["", "1:", "2:a:b", &sealed[..sealed.len() - 4], &sealed.replace(':', "")] {
            assert!(vault.open(one, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let vaults: Vec<_> = (0..4).map(|_| vault(None, folder.path())).collect();
        let digests: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = vaults
                .iter()
                .map(|vault| scope.spawn(|| vault.digest(b"x").expect("one")))
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(digests.iter().all(|digest| *digest == digests[0]));
        let files: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        assert_eq!(files.len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = files[0].metadata().expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn another_key_is_told_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let id = Uuid::from_u128(1);
        let sealed = vault(None, folder.path()).seal(id, b"x".to_vec()).expect("sealed");
        let other = vault(Some("another-key-that-is-long-enough-for-it"), folder.path());
        let error = other.open(id, &sealed).expect_err("another key");
        assert_eq!(error.to_string(), "a block was encrypted with another key");
        assert!(vault(Some("short"), folder.path()).seal(id, Vec::new()).is_err());
    }
}
