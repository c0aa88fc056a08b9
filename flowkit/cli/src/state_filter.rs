//! `--state`: only runs in these states, by type or by name.

use clap::Args;
use flowkit::model::StateType;
use flowkit::settings::nearest;
use flowkit::wire::StateFilter;
use flowkit::{Error, Result};

/// The names that states have beside those of their types.
const NAMES: [&str; 9] = [
    "Late",
    "AwaitingRetry",
    "AwaitingConcurrencySlot",
    "Resuming",
    "Submitting",
    "Retrying",
    "Cached",
    "TimedOut",
    "Suspended",
];

/// The states that a list is about.
#[derive(Debug, Args)]
pub(crate) struct States {
    /// Only runs in this state: a type like `failed`, or a name like `Late`; may be repeated
    #[arg(long = "state", value_name = "STATE", value_parser = wanted)]
    wanted: Vec<Wanted>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Type(StateType),
    Name(String),
}

fn wanted(text: &str) -> std::result::Result<Wanted, String> {
    if let Ok(kind) = text.parse() {
        return Ok(Wanted::Type(kind));
    }
    if let Some(name) = NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(Wanted::Name(name.to_owned()));
    }
    let types = StateType::ALL.map(StateType::default_name);
    match nearest(text, types.into_iter().chain(NAMES)) {
        Some(near) => Err(format!("did you mean '{near}'?")),
        // Clients of other versions and languages name their states as they like.
        None => Ok(Wanted::Name(text.to_owned())),
    }
}

impl States {
    /// What to say of names that flowkit gives to no state, if nothing is found under them.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let unknown = self.wanted.iter().filter_map(|wanted| match wanted {
            Wanted::Name(name) if !NAMES.contains(&name.as_str()) => Some(name),
            Wanted::Name(_) | Wanted::Type(_) => None,
        });
        let types = StateType::ALL.map(StateType::default_name);
        let (types, names) = (types.join(", "), NAMES.join(", "));
        unknown
            .map(|name| {
                format!("there is no state '{name}'; the types are {types}, other names {names}")
            })
            .collect()
    }

    /// The filter that finds them; none if all states are wanted.
    ///
    /// # Errors
    /// Invalid if types and names are mixed, since a filter means both at once.
    pub(crate) fn filter(self) -> Result<Option<StateFilter>> {
        let (mut types, mut names) = (Vec::new(), Vec::new());
        for wanted in self.wanted {
            match wanted {
                Wanted::Type(kind) => types.push(kind),
                Wanted::Name(name) => names.push(name),
            }
        }
        match (types.is_empty(), names.is_empty()) {
            (true, true) => Ok(None),
            (false, true) => Ok(Some(types.into())),
            (true, false) => Ok(Some(names.into())),
            (false, false) => {
                let (kind, name) = (types[0].default_name(), &names[0]);
                Err(Error::invalid(format!("'{kind}' is a type of state and '{name}' is a name"))
                    .with_hint("ask for types or for names of states, not for both"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(states: &[&str]) -> Result<Option<StateFilter>> {
        let wanted = states.iter().map(|state| wanted(state).map_err(Error::invalid));
        States { wanted: wanted.collect::<Result<_>>()? }.filter()
    }

    #[test]
    fn types_and_names_are_told_apart_in_any_case() {
        let types = filter(&["failed", "CRASHED"]).expect("both are types").expect("some");
        assert_eq!(types.kind, Some(vec![StateType::Failed, StateType::Crashed].into()));

        let names = filter(&["late", "Handmade"]).expect("both are names").expect("some");
        assert_eq!(names.name, Some(vec!["Late".to_owned(), "Handmade".to_owned()].into()));
    }

    #[test]
    fn mistyped_and_mixed_states_are_refused() {
        let refused = |states| filter(states).expect_err("it is refused").to_string();
        assert_eq!(refused(&["complted"]), "did you mean 'Completed'?");
        assert_eq!(
            refused(&["failed", "late"]),
            "'Failed' is a type of state and 'Late' is a name"
        );
    }
}
