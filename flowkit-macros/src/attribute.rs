//! The three attributes, and what their names turn into.

use std::fmt;

/// Which attribute stands on the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Task,
    Flow,
    Main,
}

impl Attribute {
    /// The attribute's name, which also begins names such as `task_call`.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Flow => "flow",
            Self::Main => "main",
        }
    }

    /// The word for the function itself, in sentences.
    pub(crate) fn thing(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Flow => "flow",
            Self::Main => "main function",
        }
    }

    /// The name as types begin with it: `TaskCall`.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::Flow => "Flow",
            Self::Main => "Main",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`#[{}]`", self.noun())
    }
}
