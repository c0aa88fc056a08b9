//! What one process runs with: every setting, and where its value comes from.
//!
//! A value is taken from the environment, else from the chosen profile, else it is the default.
//! This is the only module that reads the environment; it reads and writes the profiles file and
//! nothing else. The engine, the servers and the command line ask [`Settings`] and never look again.

mod catalog;
mod database;
mod environment;
mod file;
mod nearest;
mod profile;
mod server;
mod source;
mod value;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::Level;
use crate::secret::{self, Secret};
use crate::{Durability, Result};

pub use catalog::{CATALOG, Place, Setting};
pub use database::{DatabaseUrl, mask_password};
pub use environment::Environment;
pub use nearest::nearest;
pub use profile::{Profile, Profiles};
pub use server::ServerSettings;
pub use source::{Resolution, Resolved, Source};
pub use value::{Kind, duration};

/// What one process runs with, read once and checked whole.
///
/// Values can be relied on: a setting that cannot be used fails the load.
///
/// ```
/// use flowkit::settings::{Environment, Profiles, Settings};
///
/// let environment = Environment::of([("FLOWKIT_HOME", "/data"), ("FLOWKIT_LEASE_DURATION", "1m")]);
/// let settings = Settings::from_sources(&environment, &Profiles::default(), None)?;
/// assert_eq!(settings.lease_duration().as_secs(), 60);
/// assert_eq!(settings.storage_path().to_str(), Some("/data/storage"));
/// # Ok::<(), flowkit::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    profile: String,
    warnings: Vec<String>,
    home: PathBuf,
    database_url: DatabaseUrl,
    api_url: Option<String>,
    api_key: Option<Secret>,
    api_auth: Option<Secret>,
    cloud_api_url: String,
    report_wait: Duration,
    logging_level: Level,
    logging_to_console: bool,
    logging_max_line_bytes: Option<u64>,
    durability: Durability,
    storage_path: PathBuf,
    results_inline_bytes: u64,
    results_max_bytes: u64,
    results_persist: bool,
    lease_duration: Duration,
    retention_runs: Option<Duration>,
    retention_logs: Option<Duration>,
    tasks_refresh_cache: bool,
    cancel_grace: Duration,
    encryption_key: Option<Secret>,
    server: ServerSettings,
}

impl Settings {
    /// Reads the environment and the profile that it or the profiles file chooses.
    ///
    /// # Errors
    /// Invalid if a setting cannot be used, not found if `FLOWKIT_PROFILE` names no profile,
    /// internal if the profiles file cannot be read.
    pub fn load() -> Result<Self> {
        Self::read(None)
    }

    /// Like [`Settings::load`], with this profile whatever the environment says.
    ///
    /// # Errors
    /// Not found if there is no such profile, else as for [`Settings::load`].
    pub fn load_profile(name: &str) -> Result<Self> {
        Self::read(Some(name))
    }

    fn read(profile: Option<&str>) -> Result<Self> {
        let environment = Environment::read()?;
        let profiles = Profiles::read(&environment.profiles_path()?)?;
        let settings = Self::from_sources(&environment, &profiles, profile)?;
        settings.register_secrets();
        Ok(settings)
    }

    /// Works the settings out of given sources, for tests and for tools that edit them.
    ///
    /// # Errors
    /// As for [`Settings::load`].
    pub fn from_sources(
        environment: &Environment,
        profiles: &Profiles,
        profile: Option<&str>,
    ) -> Result<Self> {
        Self::from_resolution(Resolution::of(environment, profiles, profile)?)
    }

    fn from_resolution(resolved: Resolution) -> Result<Self> {
        if let Some(problem) = resolved.problems.first() {
            return Err(problem.clone());
        }
        Ok(Self {
            home: resolved.required("FLOWKIT_HOME", value::path)?,
            database_url: resolved.required("FLOWKIT_DATABASE_URL", DatabaseUrl::parse)?,
            api_url: resolved.optional("FLOWKIT_API_URL", value::url)?,
            api_key: resolved.optional("FLOWKIT_API_KEY", value::secret)?,
            api_auth: resolved.optional("FLOWKIT_API_AUTH", value::secret)?,
            cloud_api_url: resolved.required("FLOWKIT_CLOUD_API_URL", value::url)?,
            report_wait: resolved.required("FLOWKIT_REPORT_WAIT", value::duration)?,
            logging_level: resolved.required("FLOWKIT_LOGGING_LEVEL", value::level)?,
            logging_to_console: resolved.required("FLOWKIT_LOGGING_TO_CONSOLE", value::boolean)?,
            logging_max_line_bytes: resolved
                .optional("FLOWKIT_LOGGING_MAX_LINE_BYTES", value::bytes)?,
            durability: resolved.required("FLOWKIT_DURABILITY", value::durability)?,
            storage_path: resolved.required("FLOWKIT_STORAGE_PATH", value::path)?,
            results_inline_bytes: resolved
                .required("FLOWKIT_RESULTS_INLINE_BYTES", value::bytes)?,
            results_max_bytes: resolved.required("FLOWKIT_RESULTS_MAX_BYTES", value::bytes)?,
            results_persist: resolved.required("FLOWKIT_RESULTS_PERSIST", value::boolean)?,
            lease_duration: resolved.required("FLOWKIT_LEASE_DURATION", value::duration)?,
            retention_runs: resolved.required("FLOWKIT_RETENTION_RUNS", value::duration_or_off)?,
            retention_logs: resolved.required("FLOWKIT_RETENTION_LOGS", value::duration_or_off)?,
            tasks_refresh_cache: resolved
                .required("FLOWKIT_TASKS_REFRESH_CACHE", value::boolean)?,
            cancel_grace: resolved.required("FLOWKIT_CANCEL_GRACE", value::duration)?,
            encryption_key: resolved.optional("FLOWKIT_ENCRYPTION_KEY", value::secret)?,
            server: ServerSettings::of(&resolved)?,
            profile: resolved.profile,
            warnings: resolved.warnings,
        })
    }

    /// Keeps the secrets among the settings out of every log from here on.
    fn register_secrets(&self) {
        if let Some(key) = &self.api_key {
            secret::register(key.expose());
        }
        for auth in self.api_auth.iter().chain(&self.server.auth) {
            secret::register(auth.expose());
            if let Some((_, password)) = auth.expose().split_once(':') {
                secret::register(password);
            }
        }
        if let Some(key) = &self.encryption_key {
            secret::register(key.expose());
        }
        if let Some(password) = self.database_url.password() {
            secret::register(password);
        }
    }

    /// The name of the profile that the values come from.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// What the user should be told once: unknown variables, an active profile that is gone.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The folder that flowkit keeps its files in.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The database that runs are kept in, whether or not they are reported to an API.
    #[must_use]
    pub const fn database_url(&self) -> &DatabaseUrl {
        &self.database_url
    }

    /// The API that runs are reported to, without a slash at its end.
    #[must_use]
    pub fn api_url(&self) -> Option<&str> {
        self.api_url.as_deref()
    }

    /// The key that the API wants.
    #[must_use]
    pub const fn api_key(&self) -> Option<&Secret> {
        self.api_key.as_ref()
    }

    /// User and password, as `user:password`, where the API wants these instead of a key.
    #[must_use]
    pub const fn api_auth(&self) -> Option<&Secret> {
        self.api_auth.as_ref()
    }

    /// The API of Prefect Cloud.
    #[must_use]
    pub fn cloud_api_url(&self) -> &str {
        &self.cloud_api_url
    }

    /// How long a program waits at its end until its runs are reported.
    #[must_use]
    pub const fn report_wait(&self) -> Duration {
        self.report_wait
    }

    /// The lowest level that is stored and shown.
    #[must_use]
    pub const fn logging_level(&self) -> Level {
        self.logging_level
    }

    /// Whether logs of runs are shown on the console.
    #[must_use]
    pub const fn logging_to_console(&self) -> bool {
        self.logging_to_console
    }

    /// Where a longer log line is cut; nowhere by default.
    #[must_use]
    pub const fn logging_max_line_bytes(&self) -> Option<u64> {
        self.logging_max_line_bytes
    }

    /// What survives what, once a task call has returned.
    #[must_use]
    pub const fn durability(&self) -> Durability {
        self.durability
    }

    /// The folder of the local storage.
    #[must_use]
    pub fn storage_path(&self) -> &Path {
        &self.storage_path
    }

    /// The largest result that is kept in the database rather than in the storage.
    #[must_use]
    pub const fn results_inline_bytes(&self) -> u64 {
        self.results_inline_bytes
    }

    /// The largest result that is kept at all.
    #[must_use]
    pub const fn results_max_bytes(&self) -> u64 {
        self.results_max_bytes
    }

    /// Whether results are kept unless a task says otherwise.
    #[must_use]
    pub const fn results_persist(&self) -> bool {
        self.results_persist
    }

    /// How long a run is taken for alive after its last heartbeat.
    #[must_use]
    pub const fn lease_duration(&self) -> Duration {
        self.lease_duration
    }

    /// How long finished runs are kept; `None` is forever.
    #[must_use]
    pub const fn retention_runs(&self) -> Option<Duration> {
        self.retention_runs
    }

    /// How long logs are kept; `None` is as long as their run.
    #[must_use]
    pub const fn retention_logs(&self) -> Option<Duration> {
        self.retention_logs
    }

    /// Whether tasks run again although a cached result exists.
    #[must_use]
    pub const fn tasks_refresh_cache(&self) -> bool {
        self.tasks_refresh_cache
    }

    /// How long a cancelled run may take to stop by itself.
    #[must_use]
    pub const fn cancel_grace(&self) -> Duration {
        self.cancel_grace
    }

    /// What blocks are encrypted with, where it is not kept in a file.
    #[must_use]
    pub const fn encryption_key(&self) -> Option<&Secret> {
        self.encryption_key.as_ref()
    }

    /// What the server runs with.
    #[must_use]
    pub const fn server(&self) -> &ServerSettings {
        &self.server
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn load(variables: &[(&str, &str)]) -> Result<Settings> {
        let environment = Environment::of([("HOME", "/home/me")].iter().chain(variables).copied());
        Settings::from_sources(&environment, &Profiles::default(), None)
    }

    #[test]
    fn every_setting_has_a_usable_default() {
        let settings = load(&[]).expect("the defaults are valid");

        assert_eq!(settings.home(), Path::new("/home/me/.flowkit"));
        assert_eq!(
            *settings.database_url(),
            DatabaseUrl::Sqlite("/home/me/.flowkit/flowkit.db".into())
        );
        assert_eq!(settings.storage_path(), Path::new("/home/me/.flowkit/storage"));
        assert_eq!(settings.api_url(), None);
        assert!(settings.api_key().is_none());
        assert!(settings.api_auth().is_none());
        assert_eq!(settings.cloud_api_url(), "https://api.prefect.cloud/api");
        assert_eq!(settings.report_wait(), Duration::from_secs(10));
        assert_eq!(settings.logging_level(), Level::Info);
        assert!(settings.logging_to_console());
        assert_eq!(settings.logging_max_line_bytes(), None);
        assert_eq!(settings.durability(), Durability::Process);
        assert_eq!(settings.results_inline_bytes(), 16 << 10);
        assert_eq!(settings.results_max_bytes(), 1 << 30);
        assert!(settings.results_persist());
        assert_eq!(settings.lease_duration(), Duration::from_secs(30));
        assert_eq!(settings.retention_runs(), Some(Duration::from_hours(90 * 24)));
        assert_eq!(settings.retention_logs(), Some(Duration::from_hours(30 * 24)));
        assert!(!settings.tasks_refresh_cache());
        assert_eq!(settings.cancel_grace(), Duration::from_secs(30));
        assert!(settings.encryption_key().is_none());
        assert_eq!(settings.server().port, 4200);
        assert_eq!(settings.profile(), "default");
        assert!(settings.warnings().is_empty());
    }

    #[test]
    fn retention_can_be_switched_off() {
        let settings = load(&[("FLOWKIT_RETENTION_RUNS", "off")]).expect("off is valid");
        assert_eq!(settings.retention_runs(), None);
    }

    #[test]
    fn every_durability_of_the_catalogue_is_one() {
        let Kind::Choice(names) = Setting::find("FLOWKIT_DURABILITY").expect("it exists").kind
        else {
            panic!("it is a choice")
        };
        for name in names {
            let settings = load(&[("FLOWKIT_DURABILITY", name)]).expect("it is valid");
            assert_eq!(settings.durability().to_string(), *name);
        }
    }

    #[test]
    fn unusable_value_fails_the_load_and_is_named() {
        let error = load(&[("FLOWKIT_LEASE_DURATION", "soon")]).expect_err("it is no duration");

        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(
            error.to_string(),
            "environment: FLOWKIT_LEASE_DURATION must be a duration such as '30s' or '7d', not 'soon'"
        );
    }

    #[test]
    fn secrets_are_not_in_the_debug_form() {
        let settings = load(&[
            ("FLOWKIT_API_KEY", "pnu_123456"),
            ("FLOWKIT_DATABASE_URL", "postgres://me:hunter22@db/runs"),
        ])
        .expect("both are valid");

        let shown = format!("{settings:?}");

        assert!(!shown.contains("pnu_123456") && !shown.contains("hunter22"), "{shown}");
    }

    #[test]
    fn loaded_secrets_are_redacted_everywhere() {
        let settings = load(&[
            ("FLOWKIT_API_KEY", "pnu_of_this_test"),
            ("FLOWKIT_DATABASE_URL", "postgres://me:pw_of_this_test@db/runs"),
        ])
        .expect("both are valid");

        settings.register_secrets();

        assert_eq!(secret::redact("sent pnu_of_this_test"), "sent ********");
        assert_eq!(secret::redact("login pw_of_this_test"), "login ********");
    }
}
