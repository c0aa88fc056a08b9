//! Inputs: what a task or flow can be called with where it expects a `T`.

use std::path::{Path, PathBuf};

use super::handle::{Handle, Upstream};
use crate::{Error, Result};

/// What can be passed where a task or flow expects a `T`.
///
/// That is a `T`; the [`Handle`] of a task run that makes one, which also becomes an edge of
/// the graph; a list of handles where a list is expected; and the borrowed forms of texts,
/// paths and lists.
#[diagnostic::on_unimplemented(
    message = "this parameter takes a `{T}`, and `{Self}` is none",
    label = "neither a `{T}` nor a handle of a task run that makes one",
    note = "pass a value, a `Handle` or a `&Handle` of the same type (which must be `Clone` then)"
)]
pub trait IntoInput<T>: Sized {
    /// The value, or where it will come from.
    fn into_input(self) -> Input<T>;
}

/// A value, or where it will come from.
pub struct Input<T>(Source<T>);

enum Source<T> {
    Value(T),
    Later(Box<dyn Later<T>>),
    Default,
}

impl<T> std::fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::Value(_) => "Input::Value",
            Source::Later(_) => "Input::Later",
            Source::Default => "Input::Default",
        })
    }
}

/// A value that task runs have to make first.
trait Later<T>: Send + Sync {
    /// The task runs that make it.
    fn upstreams(&self) -> Vec<Upstream>;
    /// The value, once all of them have ended well.
    fn take(&self) -> Result<T>;
}

impl<T> Input<T> {
    /// The value itself.
    pub(crate) const fn value(value: T) -> Self {
        Self(Source::Value(value))
    }

    /// The value if it is there, else the task runs that make it.
    pub(crate) const fn present(&self) -> Option<&T> {
        match &self.0 {
            Source::Value(value) => Some(value),
            Source::Later(_) | Source::Default => None,
        }
    }

    /// The task runs that have to end first.
    pub(crate) fn upstreams(&self) -> Vec<Upstream> {
        match &self.0 {
            Source::Value(_) | Source::Default => Vec::new(),
            Source::Later(later) => later.upstreams(),
        }
    }

    /// Puts the default in place if nothing else was given.
    pub(crate) fn or_default(self, default: impl FnOnce() -> T) -> Self {
        match self.0 {
            Source::Default => Self::value(default()),
            source => Self(source),
        }
    }

    /// The value, once the task runs that make it have ended.
    pub(crate) fn take(self) -> Result<T> {
        match self.0 {
            Source::Value(value) => Ok(value),
            Source::Later(later) => later.take(),
            Source::Default => Err(Error::internal("a default was not put in place")),
        }
    }
}

struct One<T>(Handle<T>);

impl<T: Clone + Send + Sync + 'static> Later<T> for One<T> {
    fn upstreams(&self) -> Vec<Upstream> {
        vec![self.0.upstream()]
    }

    fn take(&self) -> Result<T> {
        self.0.value().cloned()
    }
}

struct Many<T>(Vec<Handle<T>>);

impl<T: Clone + Send + Sync + 'static> Later<Vec<T>> for Many<T> {
    fn upstreams(&self) -> Vec<Upstream> {
        self.0.iter().map(Handle::upstream).collect()
    }

    fn take(&self) -> Result<Vec<T>> {
        self.0.iter().map(|handle| handle.value().cloned()).collect()
    }
}

impl<T> IntoInput<T> for T {
    fn into_input(self) -> Input<T> {
        Input::value(self)
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput<T> for Handle<T> {
    fn into_input(self) -> Input<T> {
        Input(Source::Later(Box::new(One(self))))
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput<T> for &Handle<T> {
    fn into_input(self) -> Input<T> {
        self.clone().into_input()
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput<Vec<T>> for Vec<Handle<T>> {
    fn into_input(self) -> Input<Vec<T>> {
        Input(Source::Later(Box::new(Many(self))))
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput<Vec<T>> for &Vec<Handle<T>> {
    fn into_input(self) -> Input<Vec<T>> {
        self.clone().into_input()
    }
}

impl<T: Clone> IntoInput<Vec<T>> for &[T] {
    fn into_input(self) -> Input<Vec<T>> {
        Input::value(self.to_vec())
    }
}

impl<T: Clone, const N: usize> IntoInput<Vec<T>> for &[T; N] {
    fn into_input(self) -> Input<Vec<T>> {
        Input::value(self.to_vec())
    }
}

impl<T, const N: usize> IntoInput<Vec<T>> for [T; N] {
    fn into_input(self) -> Input<Vec<T>> {
        Input::value(Vec::from(self))
    }
}

impl IntoInput<String> for &str {
    fn into_input(self) -> Input<String> {
        Input::value(self.to_owned())
    }
}

impl IntoInput<String> for &String {
    fn into_input(self) -> Input<String> {
        Input::value(self.clone())
    }
}

impl IntoInput<PathBuf> for &Path {
    fn into_input(self) -> Input<PathBuf> {
        Input::value(self.to_owned())
    }
}

impl IntoInput<PathBuf> for &PathBuf {
    fn into_input(self) -> Input<PathBuf> {
        Input::value(self.clone())
    }
}

impl IntoInput<PathBuf> for &str {
    fn into_input(self) -> Input<PathBuf> {
        Input::value(self.into())
    }
}

/// Stands for the default of a parameter that has one: `etl(day, DEFAULT)`.
pub const DEFAULT: Unset = Unset(());

/// The type of [`DEFAULT`].
#[derive(Debug, Clone, Copy)]
pub struct Unset(());

/// What can be passed where a parameter has a `#[default]`: all that [`IntoInput`] takes, or [`DEFAULT`].
#[diagnostic::on_unimplemented(
    message = "this parameter takes a `{T}`, and `{Self}` is none",
    label = "neither a `{T}`, nor a handle of a task run that makes one, nor `flowkit::DEFAULT`"
)]
pub trait IntoInputOr<T, Marker>: Sized {
    /// The value, where it will come from, or the wish for the default.
    fn into_input_or(self) -> Input<T>;
}

/// Marks a value that was given.
#[derive(Debug)]
pub struct Given(());

impl<T, V: IntoInput<T>> IntoInputOr<T, Given> for V {
    fn into_input_or(self) -> Input<T> {
        self.into_input()
    }
}

impl<T> IntoInputOr<T, Self> for Unset {
    fn into_input_or(self) -> Input<T> {
        Input(Source::Default)
    }
}
