//! The profiles file: how it is read, and how it is written so that nobody else can read it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::profile::{Profile, Profiles};
use crate::{Error, Result};

impl Profiles {
    /// Reads the profiles file; one that is not there holds an empty default profile.
    ///
    /// # Errors
    /// Invalid if it is not a profiles file, internal if it cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => parse(&text).map_err(|what| {
                Error::invalid(format!("profiles file '{}' {what}", path.display()))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(failed("read", path, error)),
        }
    }

    /// Reads the profiles file, changes it and writes it back, one process at a time.
    ///
    /// The new file replaces the old one in one step and belongs to its owner alone.
    ///
    /// # Errors
    /// As for [`Profiles::read`] and the change itself; nothing is written if that fails.
    pub fn edit<T>(path: &Path, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        // A link keeps pointing at the file that is edited.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let _lock = lock(path).map_err(|error| failed("lock", path, error))?;
        let mut profiles = Self::read(path)?;
        let done = change(&mut profiles)?;
        replace(path, &render(&profiles)).map_err(|error| failed("write", path, error))?;
        Ok(done)
    }
}

fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    Error::internal(format!("could not {what} profiles file '{}'", path.display()))
        .with_source(error)
        .with_hint(
            "FLOWKIT_HOME has to be a folder of this user's, or FLOWKIT_PROFILES_PATH a file",
        )
}

/// Says what is wrong without quoting the text, since it may hold secrets.
fn parse(text: &str) -> Result<Profiles, String> {
    let table: Table = text.parse().map_err(|error| not_toml(text, &error))?;
    let mut read = Profiles::default();
    if let Some(active) = table.get("active") {
        active.as_str().ok_or("has an 'active' that is no text")?.clone_into(&mut read.active);
    }
    let Some(profiles) = table.get("profiles") else {
        return Ok(read);
    };
    for (name, profile) in profiles.as_table().ok_or("has a 'profiles' that is no table")? {
        let settings = profile.as_table().ok_or_else(|| format!("has no table '{name}'"))?;
        let settings: Result<Profile, String> = settings
            .iter()
            .map(|(key, value)| match as_text(value) {
                Some(value) => Ok((key.clone(), value)),
                None => Err(format!("has a value of '{key}' in profile '{name}' that is no text")),
            })
            .collect();
        read.profiles.insert(name.clone(), settings?);
    }
    Ok(read)
}

fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("is not valid TOML: {} in line {}", error.message(), before.matches('\n').count() + 1)
}

/// Settings are text, but a person may have left out the quotes.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

fn render(profiles: &Profiles) -> String {
    let as_values = |profile: &Profile| -> Table {
        profile.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()
    };
    let tables: Table = profiles
        .profiles
        .iter()
        .map(|(name, profile)| (name.clone(), as_values(profile).into()))
        .collect();
    let mut file = Table::new();
    file.insert("active".to_owned(), profiles.active.clone().into());
    file.insert("profiles".to_owned(), tables.into());
    file.to_string()
}

/// Waits until no other process edits the file. Lasts as long as the returned file.
fn lock(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let lock = private().create(true).write(true).open(path.with_extension("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new: PathBuf = path.with_extension("new");
    // What a process that died left behind may have been made with other permissions.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).write(true).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> tempfile::TempDir {
        tempfile::tempdir().expect("a scratch folder can be made")
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn missing_file_holds_the_default_profile() {
        let folder = scratch();
        let read = Profiles::read(&folder.path().join("profiles.toml"));
        assert_eq!(read.ok(), Some(Profiles::default()));
        assert_eq!(fs::read_dir(folder.path()).map(Iterator::count).ok(), Some(0));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = scratch();
        let path = folder.path().join("profiles.toml");

        Profiles::edit(&path, |profiles| {
            profiles.create("de.mo", None)?;
            profiles.activate("de.mo")?;
            profiles.set("de.mo", "FLOWKIT_API_KEY", "a \"quoted\"\nkey")
        })
        .expect("it is written");

        let read = Profiles::read(&path).expect("it is read");
        assert_eq!(read.active, "de.mo");
        assert_eq!(read.get("de.mo").expect("it exists")["FLOWKIT_API_KEY"], "a \"quoted\"\nkey");
    }

    #[test]
    fn file_reads_like_the_documented_one() {
        let mut profiles = Profiles::default();
        profiles.create("demo", None).expect("the name is free");
        profiles.set("demo", "FLOWKIT_LOGGING_LEVEL", "DEBUG").expect("it is valid");
        insta::assert_snapshot!(render(&profiles), @r#"
        active = "default"

        [profiles.default]

        [profiles.demo]
        FLOWKIT_LOGGING_LEVEL = "DEBUG"
        "#);
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_belong_to_their_owner_alone() {
        let folder = scratch();
        let home = folder.path().join("a/home");
        let path = home.join("profiles.toml");

        Profiles::edit(&path, |_| Ok(())).expect("it is written");
        assert_eq!((mode(&home), mode(&path)), (0o700, 0o600));

        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        fs::write(path.with_extension("new"), "left behind").expect("it is ours");
        Profiles::edit(&path, |_| Ok(())).expect("it is written");
        assert_eq!(mode(&path), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn linked_file_stays_a_link() {
        let folder = scratch();
        let (real, link) = (folder.path().join("real.toml"), folder.path().join("profiles.toml"));
        fs::write(&real, "active = \"default\"").expect("it is written");
        std::os::unix::fs::symlink(&real, &link).expect("it is linked");

        Profiles::edit(&link, |profiles| profiles.create("demo", None)).expect("it is written");

        assert!(fs::symlink_metadata(&link).is_ok_and(|link| link.is_symlink()));
        assert!(Profiles::read(&real).is_ok_and(|read| read.get("demo").is_ok()));
    }

    #[test]
    fn failed_change_writes_nothing() {
        let folder = scratch();
        let path = folder.path().join("profiles.toml");
        Profiles::edit(&path, |profiles| profiles.create("default", None)).expect_err("taken");
        assert!(!path.exists());
    }

    #[test]
    fn concurrent_edits_are_all_kept() {
        let folder = scratch();
        let path = folder.path().join("profiles.toml");
        std::thread::scope(|scope| {
            for n in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    Profiles::edit(path, |profiles| profiles.create(&format!("p{n}"), None))
                });
            }
        });
        assert_eq!(Profiles::read(&path).map(|read| read.names().count()).ok(), Some(9));
    }

    #[test]
    fn values_without_quotes_are_read() {
        let read = parse("[profiles.demo]\nFLOWKIT_RESULTS_PERSIST = false\nFLOWKIT_X = 12")
            .expect("it is a profiles file");
        let demo = read.get("demo").expect("it exists");
        assert_eq!(demo["FLOWKIT_RESULTS_PERSIST"], "false");
        assert_eq!(demo["FLOWKIT_X"], "12");
    }

    #[test]
    fn broken_file_is_described_without_its_secrets() {
        #[track_caller]
        fn check(text: &str, message: &str) {
            assert_eq!(parse(text), Err(message.to_owned()));
        }
        check(
            "[profiles.demo]\nFLOWKIT_API_KEY = \"s3cr3t",
            "is not valid TOML: invalid basic string, expected `\"` in line 2",
        );
        check("active = 1", "has an 'active' that is no text");
        check("profiles = \"s3cr3t\"", "has a 'profiles' that is no table");
        check("profiles.demo = \"s3cr3t\"", "has no table 'demo'");
        check(
            "[profiles.demo]\nFLOWKIT_API_KEY = [\"s3cr3t\"]",
            "has a value of 'FLOWKIT_API_KEY' in profile 'demo' that is no text",
        );
    }

    #[test]
    fn unreadable_file_is_named() {
        let folder = scratch();
        let error = Profiles::read(folder.path()).expect_err("a folder is no file");
        assert_eq!(
            error.to_string(),
            format!("could not read profiles file '{}'", folder.path().display())
        );
        assert!(error.hint().is_some_and(|hint| hint.starts_with("FLOWKIT_HOME ")));
    }
}
