//! Named sets of settings, one of them active.

use std::collections::BTreeMap;

use super::catalog::Setting;
use super::environment::Environment;
use super::nearest::nearest;
use crate::{Error, Result};

/// The profile that is always there.
const DEFAULT: &str = "default";

/// The settings of one profile: names and values as the user wrote them.
pub type Profile = BTreeMap<String, String>;

/// All profiles and which of them is active.
///
/// Reading them checks nothing but the shape, so that what is wrong can be seen and mended.
#[derive(Clone, PartialEq, Eq)]
pub struct Profiles {
    pub(super) active: String,
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// A file that is not there holds this.
impl Default for Profiles {
    fn default() -> Self {
        let profiles = BTreeMap::from([(DEFAULT.to_owned(), Profile::new())]);
        Self { active: DEFAULT.to_owned(), profiles }
    }
}

/// Shows names only, since values may be secret.
impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.names().collect();
        f.debug_struct("Profiles").field("active", &self.active).field("names", &names).finish()
    }
}

/// The profile that a process uses, and what the user should know about the choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) warning: Option<String>,
}

impl Profiles {
    /// The names of all profiles, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The settings of a profile.
    ///
    /// # Errors
    /// Not found if there is no such profile; the hint names the nearest one.
    pub fn get(&self, name: &str) -> Result<&Profile> {
        self.profiles.get(name).ok_or_else(|| self.missing(name))
    }

    /// The name of the profile to use: the one asked for, else the environment's, else the active one.
    ///
    /// # Errors
    /// Not found if the one asked for, here or in the environment, does not exist.
    pub fn choose(&self, asked_for: Option<&str>, environment: &Environment) -> Result<String> {
        self.choice(asked_for, environment).map(|choice| choice.name)
    }

    pub(super) fn choice(
        &self,
        asked_for: Option<&str>,
        environment: &Environment,
    ) -> Result<Choice> {
        if let Some(name) = asked_for.or_else(|| environment.get("FLOWKIT_PROFILE")) {
            self.get(name)?;
            return Ok(Choice { name: name.to_owned(), warning: None });
        }
        if self.profiles.contains_key(&self.active) {
            return Ok(Choice { name: self.active.clone(), warning: None });
        }
        let warning = format!("active profile '{}' not found, using '{DEFAULT}'", self.active);
        Ok(Choice { name: DEFAULT.to_owned(), warning: Some(warning) })
    }

    /// Adds a profile, empty or with the settings of another one.
    ///
    /// # Errors
    /// Conflict if the name is taken, invalid if it cannot be one, not found if `from` does not exist.
    pub fn create(&mut self, name: &str, from: Option<&str>) -> Result<()> {
        self.check_new(name)?;
        let settings = from.map_or_else(|| Ok(Profile::new()), |from| self.get(from).cloned())?;
        self.profiles.insert(name.to_owned(), settings);
        Ok(())
    }

    /// Makes a profile the active one.
    ///
    /// # Errors
    /// Not found if there is no such profile.
    pub fn activate(&mut self, name: &str) -> Result<()> {
        self.get(name)?;
        name.clone_into(&mut self.active);
        Ok(())
    }

    /// Gives a profile another name; it stays active if it was.
    ///
    /// # Errors
    /// Not found if there is no such profile, conflict if the new name is taken, invalid if it
    /// cannot be a name, refused for the default profile.
    pub fn rename(&mut self, name: &str, new_name: &str) -> Result<()> {
        self.check_not_default(name, "renamed")?;
        self.get(name)?;
        self.check_new(new_name)?;
        if let Some(settings) = self.profiles.remove(name) {
            self.profiles.insert(new_name.to_owned(), settings);
        }
        if self.active == name {
            new_name.clone_into(&mut self.active);
        }
        Ok(())
    }

    /// Removes a profile.
    ///
    /// # Errors
    /// Not found if there is no such profile, refused for the default and the active one.
    pub fn delete(&mut self, name: &str) -> Result<()> {
        self.check_not_default(name, "deleted")?;
        self.get(name)?;
        if self.active == name {
            return Err(Error::refused(format!("profile '{name}' is active"))
                .with_hint("make another one active first: flowkit profile use default"));
        }
        self.profiles.remove(name);
        Ok(())
    }

    /// Sets a value in a profile.
    ///
    /// # Errors
    /// Invalid if there is no such setting, if it belongs into the environment or does not accept
    /// the value; not found if there is no such profile.
    pub fn set(&mut self, profile: &str, name: &str, value: &str) -> Result<()> {
        let setting = Setting::find(name)?;
        let value = value.trim();
        setting.check_place()?;
        setting.check(value)?;
        self.get_mut(profile)?.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Takes a value out of a profile, also one that should never have been there.
    ///
    /// # Errors
    /// Not found if there is no such profile or it does not set the name.
    pub fn unset(&mut self, profile: &str, name: &str) -> Result<()> {
        if self.get_mut(profile)?.remove(name).is_some() {
            return Ok(());
        }
        Setting::find(name)?;
        Err(Error::not_found(format!("{name} in profile '{profile}'")))
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut Profile> {
        if !self.profiles.contains_key(name) {
            return Err(self.missing(name));
        }
        Ok(self.profiles.entry(name.to_owned()).or_default())
    }

    fn check_new(&self, name: &str) -> Result<()> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(plain) || name.starts_with('-') {
            return Err(Error::invalid(format!("'{name}' cannot be the name of a profile"))
                .with_hint("use letters, digits, '-', '_' and '.'"));
        }
        if self.profiles.contains_key(name) {
            return Err(Error::conflict(format!("profile '{name}' exists already")));
        }
        Ok(())
    }

    fn check_not_default(&self, name: &str, done: &str) -> Result<()> {
        if name == DEFAULT {
            return Err(Error::refused(format!("profile '{DEFAULT}' cannot be {done}")));
        }
        Ok(())
    }

    fn missing(&self, name: &str) -> Error {
        let hint = nearest(name, self.names()).map_or_else(
            || "`flowkit profile ls` shows the profiles".to_owned(),
            |near| format!("did you mean '{near}'?"),
        );
        Error::not_found(format!("profile '{name}'")).with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn with_demo() -> Profiles {
        let mut profiles = Profiles::default();
        profiles.create("demo", None).expect("the name is free");
        profiles
    }

    fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
        result.expect_err("it must fail").kind()
    }

    #[test]
    fn asked_for_beats_environment_beats_active() {
        let mut profiles = with_demo();
        profiles.create("prod", None).expect("the name is free");
        let nothing = Environment::default();
        let demo = Environment::of([("FLOWKIT_PROFILE", "demo")]);

        assert_eq!(profiles.choose(Some("prod"), &demo).ok().as_deref(), Some("prod"));
        assert_eq!(profiles.choose(None, &demo).ok().as_deref(), Some("demo"));
        assert_eq!(profiles.choose(None, &nothing).ok().as_deref(), Some("default"));
    }

    #[test]
    fn unknown_profile_is_an_error_if_named_and_a_warning_if_active() {
        let mut profiles = with_demo();
        profiles.active = "gone".to_owned();
        let nothing = Environment::default();
        let typo = Environment::of([("FLOWKIT_PROFILE", "dmeo")]);

        let error = profiles.choose(Some("dmeo"), &nothing).expect_err("there is no dmeo");
        assert_eq!(error.to_string(), "profile 'dmeo' not found");
        assert_eq!(error.hint(), Some("did you mean 'demo'?"));
        assert_eq!(kind(profiles.choose(None, &typo)), ErrorKind::NotFound);
        let choice = profiles.choice(None, &nothing).expect("the default is always there");
        assert_eq!(choice.name, "default");
        assert_eq!(
            choice.warning.as_deref(),
            Some("active profile 'gone' not found, using 'default'")
        );
    }

    #[test]
    fn created_profile_copies_another() {
        let mut profiles = with_demo();
        profiles.set("demo", "FLOWKIT_LOGGING_LEVEL", "DEBUG").expect("it is valid");

        profiles.create("copy", Some("demo")).expect("the name is free");

        assert_eq!(profiles.get("copy").ok(), profiles.get("demo").ok());
        assert_eq!(kind(profiles.create("demo", None)), ErrorKind::Conflict);
        assert_eq!(kind(profiles.create("x", Some("y"))), ErrorKind::NotFound);
        for name in ["", "a b", "-p", "a/b"] {
            assert_eq!(kind(profiles.create(name, None)), ErrorKind::Invalid, "{name}");
        }
    }

    #[test]
    fn renamed_profile_stays_active() {
        let mut profiles = with_demo();
        profiles.activate("demo").expect("it exists");

        profiles.rename("demo", "prod").expect("the name is free");

        assert_eq!(profiles.active, "prod");
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["default", "prod"]);
        assert_eq!(kind(profiles.rename("prod", "default")), ErrorKind::Conflict);
        assert_eq!(kind(profiles.rename("default", "x")), ErrorKind::Refused);
        assert_eq!(kind(profiles.rename("gone", "x")), ErrorKind::NotFound);
    }

    #[test]
    fn active_and_default_profile_are_not_deleted() {
        let mut profiles = with_demo();
        profiles.activate("demo").expect("it exists");
        assert_eq!(kind(profiles.delete("demo")), ErrorKind::Refused);

        profiles.activate("default").expect("it exists");
        profiles.delete("demo").expect("it is not active");

        assert_eq!(profiles, Profiles::default());
        assert_eq!(kind(profiles.delete("default")), ErrorKind::Refused);
        assert_eq!(kind(profiles.delete("demo")), ErrorKind::NotFound);
    }

    #[test]
    fn blanks_around_a_value_are_dropped() {
        let mut profiles = with_demo();
        profiles.set("demo", "FLOWKIT_API_KEY", "key\n").expect("it is valid");
        assert_eq!(profiles.get("demo").expect("it exists")["FLOWKIT_API_KEY"], "key");
        assert_eq!(kind(profiles.set("demo", "FLOWKIT_API_KEY", " ")), ErrorKind::Invalid);
    }

    #[test]
    fn profile_takes_only_settings_that_it_can_hold() {
        let mut profiles = with_demo();

        assert_eq!(kind(profiles.set("demo", "FLOWKIT_LEVEL", "x")), ErrorKind::Invalid);
        assert_eq!(kind(profiles.set("demo", "FLOWKIT_HOME", "/data")), ErrorKind::Invalid);
        assert_eq!(kind(profiles.set("demo", "FLOWKIT_API_URL", "x")), ErrorKind::Invalid);
        assert_eq!(kind(profiles.set("gone", "FLOWKIT_API_KEY", "x")), ErrorKind::NotFound);
        assert_eq!(profiles, with_demo());
    }

    #[test]
    fn value_is_unset_once_even_if_it_is_unknown() {
        let mut profiles = with_demo();
        let stray = Profile::from([("FLOWKIT_OLD".to_owned(), "1".to_owned())]);
        profiles.profiles.insert("demo".to_owned(), stray);

        profiles.unset("demo", "FLOWKIT_OLD").expect("it is set");

        assert_eq!(kind(profiles.unset("demo", "FLOWKIT_OLD")), ErrorKind::Invalid);
        assert_eq!(kind(profiles.unset("demo", "FLOWKIT_API_KEY")), ErrorKind::NotFound);
    }
}
