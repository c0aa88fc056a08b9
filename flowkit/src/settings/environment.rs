//! The environment of the process, as far as it concerns us, read once.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use super::catalog::Setting;
use crate::{Error, Result};

/// Variables of Prefect's that are understood where ours are absent.
pub(super) const PREFECT: [(&str, &str); 4] = [
    ("FLOWKIT_API_URL", "PREFECT_API_URL"),
    ("FLOWKIT_API_KEY", "PREFECT_API_KEY"),
    ("FLOWKIT_API_AUTH", "PREFECT_API_AUTH_STRING"),
    ("FLOWKIT_SERVER_AUTH", "PREFECT_SERVER_API_AUTH_STRING"),
];

/// The environment variables that settings are read from, and those that tell a program what to do.
///
/// White space around a value is dropped, since files of secrets end with a line break; a variable
/// without a value counts as absent.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Asks a program to execute that flow run instead of its own `main`.
    pub const FLOW_RUN_ID: &str = "FLOWKIT_FLOW_RUN_ID";

    /// Asks a program to print what it is made of instead of running its own `main`.
    pub const DESCRIBE: &str = "FLOWKIT_DESCRIBE";

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// Invalid if one of our variables is not UTF-8.
    pub fn read() -> Result<Self> {
        let home = env::home_dir().and_then(|home| home.into_os_string().into_string().ok());
        let mut variables: BTreeMap<String, String> =
            home.map(|home| ("HOME".to_owned(), home)).into_iter().collect();
        for (name, value) in env::vars_os() {
            let Some(name) = name.to_str().filter(|name| concerns_us(name)) else {
                continue;
            };
            let value = value
                .into_string()
                .map_err(|_| Error::invalid(format!("{name} is not valid UTF-8")))?;
            variables.insert(name.to_owned(), value);
        }
        Ok(Self::of(variables))
    }

    /// An environment that holds just these variables.
    pub fn of<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let trimmed = |(name, value): (N, V)| (name.into(), value.into().trim().to_owned());
        let variables = variables.into_iter().map(trimmed);
        Self(variables.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether the user wants no colours; see <https://no-color.org>.
    #[must_use]
    pub fn refuses_colour(&self) -> bool {
        self.get("NO_COLOR").is_some()
    }

    /// The file that profiles are kept in.
    ///
    /// # Errors
    /// Invalid if neither `FLOWKIT_HOME` is set nor the user has a home folder.
    pub fn profiles_path(&self) -> Result<PathBuf> {
        let path = self.get("FLOWKIT_PROFILES_PATH").unwrap_or("$FLOWKIT_HOME/profiles.toml");
        self.expand(path).map(PathBuf::from)
    }

    /// Fills in `~/` and `$FLOWKIT_HOME/` at the beginning of a path, also behind `sqlite://`.
    pub(super) fn expand(&self, text: &str) -> Result<String> {
        let path_start = if text.starts_with("sqlite://") { "sqlite://".len() } else { 0 };
        let (scheme, path) = text.split_at(path_start);
        let path = match path.strip_prefix("$FLOWKIT_HOME/") {
            Some(rest) => format!("{}/{rest}", self.home()?),
            None => self.expand_user(path)?,
        };
        Ok(format!("{scheme}{path}"))
    }

    fn home(&self) -> Result<String> {
        self.expand_user(self.get("FLOWKIT_HOME").unwrap_or("~/.flowkit"))
    }

    fn expand_user(&self, path: &str) -> Result<String> {
        let Some(rest) = path.strip_prefix("~/") else {
            return Ok(path.to_owned());
        };
        let user_home = self.get("HOME").ok_or_else(|| {
            Error::invalid("this user has no home folder").with_hint("set FLOWKIT_HOME to a folder")
        })?;
        Ok(format!("{user_home}/{rest}"))
    }

    /// What is wrong with the names of our variables.
    pub(super) fn warnings(&self) -> Vec<String> {
        let orders = [Self::FLOW_RUN_ID, Self::DESCRIBE];
        let ours = self.0.keys().filter(|name| name.starts_with("FLOWKIT_"));
        ours.filter(|name| !orders.contains(&name.as_str()))
            .filter_map(|name| Setting::find(name).err())
            .map(|error| match error.hint() {
                Some(hint) => format!("environment: {error}; {hint}"),
                None => format!("environment: {error}"),
            })
            .collect()
    }
}

/// Shows names only, since values may be secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn concerns_us(name: &str) -> bool {
    name == "NO_COLOR"
        || name.starts_with("FLOWKIT_")
        || PREFECT.iter().any(|(_, theirs)| *theirs == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_found_from_either_variable() {
        let path = |variables: &[(&str, &str)]| {
            Environment::of(variables.iter().copied()).profiles_path().map_err(|e| e.to_string())
        };
        assert_eq!(path(&[("HOME", "/home/me")]), Ok("/home/me/.flowkit/profiles.toml".into()));
        assert_eq!(path(&[("FLOWKIT_HOME", "/data")]), Ok("/data/profiles.toml".into()));
        assert_eq!(
            path(&[("HOME", "/home/me"), ("FLOWKIT_HOME", "~/flow")]),
            Ok("/home/me/flow/profiles.toml".into())
        );
        assert_eq!(path(&[("FLOWKIT_PROFILES_PATH", "/etc/p.toml")]), Ok("/etc/p.toml".into()));
        assert_eq!(path(&[]), Err("this user has no home folder".to_owned()));
    }

    #[test]
    fn home_is_expanded_behind_a_scheme() {
        let environment = Environment::of([("HOME", "/home/me")]);
        let expand = |text| environment.expand(text).expect("there is a home");
        assert_eq!(expand("sqlite://~/runs.db"), "sqlite:///home/me/runs.db");
        assert_eq!(expand("$FLOWKIT_HOME/x"), "/home/me/.flowkit/x");
        assert_eq!(expand("a/~/b"), "a/~/b");
    }

    #[test]
    fn unknown_variable_is_a_warning_and_foreign_ones_are_none() {
        let environment = Environment::of([
            ("FLOWKIT_LOGING_LEVEL", "DEBUG"),
            ("PREFECT_LOGGING_LEVEL", "DEBUG"),
            ("FLOWKIT_API_KEY", "key"),
        ]);
        assert_eq!(
            environment.warnings(),
            ["environment: unknown setting 'FLOWKIT_LOGING_LEVEL'; \
              did you mean 'FLOWKIT_LOGGING_LEVEL'?"]
        );
    }

    #[test]
    fn what_a_program_is_told_to_do_is_no_setting() {
        let environment =
            Environment::of([("FLOWKIT_FLOW_RUN_ID", "4f"), ("FLOWKIT_DESCRIBE", "1")]);
        assert_eq!(environment.warnings(), Vec::<String>::new());
    }

    #[test]
    fn blank_values_are_absent_and_blanks_around_values_dropped() {
        let environment = Environment::of([("FLOWKIT_API_KEY", "key\n"), ("FLOWKIT_PROFILE", " ")]);
        assert_eq!(environment.get("FLOWKIT_API_KEY"), Some("key"));
        assert_eq!(environment.get("FLOWKIT_PROFILE"), None);
    }

    #[test]
    fn debug_form_shows_no_values() {
        let environment = Environment::of([("FLOWKIT_API_KEY", "pnu_123456")]);
        assert_eq!(format!("{environment:?}"), r#"{"FLOWKIT_API_KEY"}"#);
    }
}
