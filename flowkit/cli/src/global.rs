//! What every command can be told, and what every command asks for first.

use std::path::PathBuf;

use clap::Args;
use flowkit::Result;
use flowkit::settings::{Environment, Profiles, Resolution};

use crate::output::Format;

/// The options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use this profile, not the active one; in short `flowkit -p NAME …`
    // The letters belong to the commands: `-p` is a work pool to some.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Print text for people or JSON for programs
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "text|json",
        hide_possible_values = true,
        default_value_t
    )]
    pub(crate) output: Format,

    /// Print no colours; so does the environment variable NO_COLOR
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

/// The profiles file and the environment that chooses in it.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) environment: Environment,
    pub(crate) path: PathBuf,
    pub(crate) profiles: Profiles,
}

impl Global {
    pub(crate) fn sources(&self) -> Result<Sources> {
        let environment = Environment::read()?;
        let path = environment.profiles_path()?;
        let profiles = Profiles::read(&path)?;
        Ok(Sources { environment, path, profiles })
    }
}

impl Sources {
    /// The name of the profile that this command uses.
    pub(crate) fn chosen(&self, global: &Global) -> Result<String> {
        self.profiles.choose(global.profile.as_deref(), &self.environment)
    }

    /// Every setting as this profile, or the chosen one, has it.
    pub(crate) fn resolution(&self, profile: Option<&str>) -> Result<Resolution> {
        Resolution::of(&self.environment, &self.profiles, profile)
    }
}
