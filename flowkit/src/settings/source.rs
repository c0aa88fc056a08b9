//! Where each value comes from: the environment, else the profile, else the default.

use std::fmt;

use super::catalog::{CATALOG, Setting};
use super::environment::{Environment, PREFECT};
use super::profile::{Profile, Profiles};
use super::value::{Kind, api_of_page};
use crate::{Error, Result};

/// Where the value of a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Its environment variable.
    Environment,
    /// Prefect's environment variable of that meaning.
    Prefect(&'static str),
    /// The profile.
    Profile,
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("env"),
            Self::Prefect(variable) => write!(f, "env {variable}"),
            Self::Profile => f.write_str("profile"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One setting with its value and where that comes from.
#[derive(Clone)]
pub struct Resolved {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value as text, which may be secret; `None` if it is not set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
}

/// Shows the value as people may see it.
impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_deref().map(|value| self.setting.shown(value));
        write!(f, "{}={value:?} (from {})", self.setting.name, self.source)
    }
}

impl Resolved {
    /// What to say of the address of a page that stands where an API's is meant.
    fn page_warning(&self, profile: &str) -> Option<String> {
        let value = self.value.as_deref().filter(|_| self.setting.kind == Kind::Url)?;
        let api = api_of_page(value)?;
        let (place, name) = (self.place(profile), self.setting.name);
        Some(format!("{place}: {name} is the address of a page; its API is used: {api}"))
    }

    fn place(&self, profile: &str) -> String {
        match self.source {
            Source::Environment => "environment".to_owned(),
            Source::Prefect(variable) => variable.to_owned(),
            Source::Profile => format!("profile '{profile}'"),
            Source::Default => "default".to_owned(),
        }
    }
}

/// Every setting with its value, and what is wrong with them.
///
/// [`Settings`](super::Settings) refuses a resolution with problems; a command that shows settings
/// shows them all.
#[derive(Debug)]
pub struct Resolution {
    /// The profile that was used.
    pub profile: String,
    /// Every setting of the catalogue, in its order.
    pub settings: Vec<Resolved>,
    /// Why the settings cannot be used, if so.
    pub problems: Vec<Error>,
    /// What the user should be told once.
    pub warnings: Vec<String>,
}

impl Resolution {
    /// Chooses the profile and the value of every setting.
    ///
    /// # Errors
    /// Not found if the profile that is asked for does not exist.
    pub fn of(
        environment: &Environment,
        profiles: &Profiles,
        profile: Option<&str>,
    ) -> Result<Self> {
        let choice = profiles.choice(profile, environment)?;
        let profile = profiles.get(&choice.name)?;
        let mut problems = stray(profile, &choice.name);
        let mut settings = Vec::with_capacity(CATALOG.len());
        for setting in CATALOG {
            let resolved = resolve(setting, environment, profile)?;
            if let Some(value) = &resolved.value
                && let Err(problem) = setting.check(value)
            {
                problems.push(located(&problem, &resolved.place(&choice.name)));
            }
            settings.push(resolved);
        }
        let mut warnings = environment.warnings();
        warnings.extend(settings.iter().filter_map(|found| found.page_warning(&choice.name)));
        warnings.extend(choice.warning);
        Ok(Self { profile: choice.name, settings, problems, warnings })
    }

    /// The value of a setting that has one, read.
    pub(super) fn required<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<T> {
        self.optional(name, read)?.ok_or_else(|| Error::internal(format!("{name} has no default")))
    }

    /// The value of a setting, read, if it has one.
    pub(super) fn optional<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<Option<T>> {
        let setting = Setting::find(name)?;
        let resolved = self.settings.iter().find(|resolved| resolved.setting.name == name);
        let Some(value) = resolved.and_then(|resolved| resolved.value.as_deref()) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| setting.refuse(value))
    }
}

/// What stands in a profile and must not.
fn stray(profile: &Profile, name: &str) -> Vec<Error> {
    let refused = |key: &String| Setting::find(key).and_then(Setting::check_place).err();
    let errors = profile.keys().filter_map(refused);
    errors.map(|error| located(&error, &format!("profile '{name}'"))).collect()
}

/// The error with the place that it was found in.
fn located(error: &Error, place: &str) -> Error {
    let located = Error::new(error.kind(), format!("{place}: {error}"));
    match error.hint() {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

fn resolve(
    setting: &'static Setting,
    environment: &Environment,
    profile: &Profile,
) -> Result<Resolved> {
    let name = setting.name;
    let (value, source) = if let Some(value) = environment.get(name) {
        (Some(value), Source::Environment)
    } else if let Some(value) = profile.get(name) {
        (Some(value.as_str()), Source::Profile)
    } else if let Some((variable, value)) = prefects(name, environment, profile) {
        (Some(value), Source::Prefect(variable))
    } else {
        (setting.default, Source::Default)
    };
    let value = match value {
        Some(path) if setting.kind.is_path() => Some(environment.expand(path)?),
        value => value.map(str::to_owned),
    };
    Ok(Resolved { setting, value, source })
}

/// Prefect's value for a setting.
///
/// Its address and key are taken together or not at all, so that neither key is ever sent to the
/// other's address.
fn prefects<'a>(
    name: &str,
    environment: &'a Environment,
    profile: &Profile,
) -> Option<(&'static str, &'a str)> {
    let is_of_the_server = |name: &str| name.starts_with("FLOWKIT_SERVER_");
    let ours = |(ours, _): &(&str, &str)| {
        is_of_the_server(ours) == is_of_the_server(name)
            && (environment.get(ours).is_some() || profile.contains_key(*ours))
    };
    if PREFECT.iter().any(ours) {
        return None;
    }
    let (_, variable) = PREFECT.into_iter().find(|(ours, _)| *ours == name)?;
    Some((variable, environment.get(variable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolves with this environment and this one profile; returns one setting as its debug form.
    fn resolve(environment: &[(&str, &str)], profile: &[(&str, &str)], name: &str) -> String {
        let resolution = resolution(environment, profile);
        let found = resolution.settings.into_iter().find(|found| found.setting.name == name);
        format!("{:?}", found.expect("it is in the catalogue"))
    }

    fn resolution(environment: &[(&str, &str)], profile: &[(&str, &str)]) -> Resolution {
        let home = [("HOME", "/home/me")];
        let environment = Environment::of(home.iter().chain(environment).copied());
        let mut profiles = Profiles::default();
        let settings = profile.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
        profiles.profiles.insert("default".to_owned(), settings.collect());
        Resolution::of(&environment, &profiles, None).expect("the default profile exists")
    }

    #[test]
    fn environment_beats_profile_beats_default() {
        let level = "FLOWKIT_LOGGING_LEVEL";
        assert_eq!(
            resolve(&[(level, "ERROR")], &[(level, "DEBUG")], level),
            r#"FLOWKIT_LOGGING_LEVEL=Some("ERROR") (from env)"#
        );
        assert_eq!(
            resolve(&[(level, "")], &[(level, "DEBUG")], level),
            r#"FLOWKIT_LOGGING_LEVEL=Some("DEBUG") (from profile)"#
        );
        assert_eq!(
            resolve(&[], &[], level),
            r#"FLOWKIT_LOGGING_LEVEL=Some("INFO") (from default)"#
        );
        assert_eq!(resolve(&[], &[], "FLOWKIT_API_URL"), "FLOWKIT_API_URL=None (from default)");
    }

    #[test]
    fn prefects_variables_count_where_ours_are_absent() {
        let theirs = [("PREFECT_API_URL", "https://theirs"), ("PREFECT_API_KEY", "key of theirs")];
        assert_eq!(
            resolve(&theirs, &[], "FLOWKIT_API_URL"),
            r#"FLOWKIT_API_URL=Some("https://theirs") (from env PREFECT_API_URL)"#
        );
        assert_eq!(
            resolve(&theirs, &[], "FLOWKIT_API_KEY"),
            r#"FLOWKIT_API_KEY=Some("********") (from env PREFECT_API_KEY)"#
        );
    }

    #[test]
    fn key_is_never_paired_with_the_address_of_another() {
        let theirs = [("PREFECT_API_URL", "https://theirs"), ("PREFECT_API_KEY", "key of theirs")];
        assert_eq!(
            resolve(&theirs, &[("FLOWKIT_API_URL", "https://ours")], "FLOWKIT_API_KEY"),
            "FLOWKIT_API_KEY=None (from default)"
        );
        assert_eq!(
            resolve(&theirs, &[("FLOWKIT_API_KEY", "key of ours")], "FLOWKIT_API_URL"),
            "FLOWKIT_API_URL=None (from default)"
        );
    }

    #[test]
    fn every_problem_is_named() {
        let profile = [
            ("FLOWKIT_LOGING_LEVEL", "DEBUG"),
            ("FLOWKIT_HOME", "/data"),
            ("FLOWKIT_CANCEL_GRACE", "later"),
        ];

        let problems = resolution(&[], &profile).problems;

        let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            [
                "profile 'default': FLOWKIT_HOME can only be set in the environment",
                "profile 'default': unknown setting 'FLOWKIT_LOGING_LEVEL'",
                "profile 'default': FLOWKIT_CANCEL_GRACE must be a duration such as '30s' or '7d', not 'later'",
            ]
        );
        assert_eq!(problems[1].hint(), Some("did you mean 'FLOWKIT_LOGGING_LEVEL'?"));
    }
}
