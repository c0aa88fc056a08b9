//! Arguments: the inputs of one call, and how a body gets them, once for every try.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::fingerprint::Fingerprint;
use super::handle::Upstream;
use super::input::{Input, IntoInput, IntoInputOr};
use crate::{Error, Result};

/// What is known about the type of an argument; found out by [`__traits`](crate::__traits).
pub struct Traits<T> {
    /// Makes another one, for another try.
    pub clone: Option<fn(&T) -> T>,
    /// Feeds its JSON to a fingerprint.
    pub feed: Option<fn(&T, &mut Fingerprint) -> serde_json::Result<()>>,
    /// Its JSON.
    pub encode: Option<fn(&T) -> serde_json::Result<Value>>,
}

impl<T> Clone for Traits<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Traits<T> {}

impl<T> std::fmt::Debug for Traits<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traits")
            .field("clone", &self.clone.is_some())
            .field("encode", &self.encode.is_some())
            .finish()
    }
}

/// One argument of a call.
pub trait Argument: Send + 'static {
    /// What the body gets.
    type Value: Send + 'static;

    /// What the parameter is called.
    fn name(&self) -> &'static str;

    /// The task runs that have to end first.
    fn upstreams(&self) -> Vec<Upstream>;

    /// Takes the value from the task runs that made it.
    fn settle(&mut self) -> Result<()>;

    /// Feeds it to a fingerprint; false if its type cannot be written as JSON.
    fn feed(&self, fingerprint: &mut Fingerprint) -> Result<bool>;

    /// Its JSON, if its type has one.
    fn json(&self) -> Result<Option<Value>>;

    /// The value for one try; the last try may have the only one there is.
    fn give(&mut self, is_last_try: bool) -> Result<Self::Value>;
}

/// The value that an argument stands for, for templates and functions of the user.
pub trait Peek {
    /// What it looks like.
    type Target;

    /// Looks at it.
    fn peek(&self) -> &Self::Target;
}

/// Looks at an argument's value.
pub fn peek<P: Peek>(argument: &P) -> &P::Target {
    argument.peek()
}

/// A parameter taken by value.
#[derive(Debug)]
pub struct Owned<T> {
    name: &'static str,
    input: Option<Input<T>>,
    traits: Traits<T>,
}

/// A parameter taken by reference; kept once for all tries.
#[derive(Debug)]
pub struct Borrowed<T> {
    name: &'static str,
    input: Option<Input<T>>,
    value: Option<Arc<T>>,
    traits: Traits<T>,
}

/// A parameter that is no data: a client, a pool. It is handed through, never hashed or kept.
#[derive(Debug)]
pub struct Resource<T> {
    name: &'static str,
    value: T,
}

/// A parameter taken by value.
pub fn owned<T>(name: &'static str, input: impl IntoInput<T>, traits: Traits<T>) -> Owned<T> {
    Owned { name, input: Some(input.into_input()), traits }
}

/// A parameter taken by value that has a default.
pub fn owned_or<T, M>(
    name: &'static str,
    input: impl IntoInputOr<T, M>,
    default: impl FnOnce() -> T,
    traits: Traits<T>,
) -> Owned<T> {
    Owned { name, input: Some(input.into_input_or().or_default(default)), traits }
}

/// A parameter taken by reference.
pub fn borrowed<T>(name: &'static str, input: impl IntoInput<T>, traits: Traits<T>) -> Borrowed<T> {
    Borrowed { name, input: Some(input.into_input()), value: None, traits }
}

/// A parameter taken by reference that has a default.
pub fn borrowed_or<T, M>(
    name: &'static str,
    input: impl IntoInputOr<T, M>,
    default: impl FnOnce() -> T,
    traits: Traits<T>,
) -> Borrowed<T> {
    let input = Some(input.into_input_or().or_default(default));
    Borrowed { name, input, value: None, traits }
}

/// A parameter that is no data.
pub fn resource<T>(name: &'static str, value: impl Into<T>) -> Resource<T> {
    Resource { name, value: value.into() }
}

fn spent(name: &str) -> Error {
    Error::internal(format!("argument `{name}` was asked for again after the last try"))
}

fn encode_error(name: &str, error: serde_json::Error) -> Error {
    Error::invalid(format!("argument `{name}` cannot be written as JSON")).with_source(error)
}

impl<T> Traits<T> {
    fn feed(&self, name: &str, value: &T, fingerprint: &mut Fingerprint) -> Result<bool> {
        let Some(feed) = self.feed else { return Ok(false) };
        if !fingerprint.is_full() {
            feed(value, fingerprint).or_else(|error| {
                if fingerprint.is_full() { Ok(()) } else { Err(encode_error(name, error)) }
            })?;
        }
        Ok(true)
    }

    fn json(&self, name: &str, value: &T) -> Result<Option<Value>> {
        let json = self.encode.map(|encode| encode(value)).transpose();
        json.map_err(|error| encode_error(name, error))
    }
}

fn feed_upstreams(upstreams: &[Upstream], fingerprint: &mut Fingerprint) {
    for upstream in upstreams {
        fingerprint.feed(upstream.id().as_bytes());
    }
}

impl<T> Owned<T> {
    fn present(&self) -> Option<&T> {
        self.input.as_ref().and_then(Input::present)
    }
}

impl<T: Send + 'static> Argument for Owned<T> {
    type Value = T;

    fn name(&self) -> &'static str {
        self.name
    }

    fn upstreams(&self) -> Vec<Upstream> {
        self.input.as_ref().map(Input::upstreams).unwrap_or_default()
    }

    fn settle(&mut self) -> Result<()> {
        let input = self.input.take().ok_or_else(|| spent(self.name))?;
        self.input = Some(Input::value(input.take()?));
        Ok(())
    }

    fn feed(&self, fingerprint: &mut Fingerprint) -> Result<bool> {
        match self.present() {
            Some(value) => self.traits.feed(self.name, value, fingerprint),
            None => {
                feed_upstreams(&self.upstreams(), fingerprint);
                Ok(true)
            }
        }
    }

    fn json(&self) -> Result<Option<Value>> {
        self.present().map_or(Ok(None), |value| self.traits.json(self.name, value))
    }

    fn give(&mut self, is_last_try: bool) -> Result<T> {
        if is_last_try {
            return self.input.take().ok_or_else(|| spent(self.name))?.take();
        }
        let clone = self.traits.clone.ok_or_else(|| {
            let problem = format!("argument `{}` cannot be kept for another try", self.name);
            let type_name = std::any::type_name::<T>();
            let hint = format!(
                "make {type_name} `Clone`, or take it by reference, or mark it #[resource]"
            );
            Error::invalid(problem).with_hint(hint)
        })?;
        self.present().map(clone).ok_or_else(|| spent(self.name))
    }
}

impl<T> Peek for Owned<T> {
    type Target = T;

    fn peek(&self) -> &T {
        self.present().expect("arguments are settled before anybody looks at them")
    }
}

impl<T: Send + Sync + 'static> Argument for Borrowed<T> {
    type Value = Arc<T>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn upstreams(&self) -> Vec<Upstream> {
        self.input.as_ref().map(Input::upstreams).unwrap_or_default()
    }

    fn settle(&mut self) -> Result<()> {
        if let Some(input) = self.input.take() {
            self.value = Some(Arc::new(input.take()?));
        }
        Ok(())
    }

    fn feed(&self, fingerprint: &mut Fingerprint) -> Result<bool> {
        match self.value.as_deref().or(self.input.as_ref().and_then(Input::present)) {
            Some(value) => self.traits.feed(self.name, value, fingerprint),
            None => {
                feed_upstreams(&self.upstreams(), fingerprint);
                Ok(true)
            }
        }
    }

    fn json(&self) -> Result<Option<Value>> {
        let value = self.value.as_deref().or(self.input.as_ref().and_then(Input::present));
        value.map_or(Ok(None), |value| self.traits.json(self.name, value))
    }

    fn give(&mut self, _is_last_try: bool) -> Result<Arc<T>> {
        self.value.clone().ok_or_else(|| spent(self.name))
    }
}

impl<T> Peek for Borrowed<T> {
    type Target = T;

    fn peek(&self) -> &T {
        self.value.as_deref().expect("arguments are settled before anybody looks at them")
    }
}

impl<T: Clone + Send + 'static> Argument for Resource<T> {
    type Value = T;

    fn name(&self) -> &'static str {
        self.name
    }

    fn upstreams(&self) -> Vec<Upstream> {
        Vec::new()
    }

    fn settle(&mut self) -> Result<()> {
        Ok(())
    }

    fn feed(&self, _fingerprint: &mut Fingerprint) -> Result<bool> {
        Ok(true)
    }

    fn json(&self) -> Result<Option<Value>> {
        Ok(None)
    }

    fn give(&mut self, _is_last_try: bool) -> Result<T> {
        Ok(self.value.clone())
    }
}

impl<T> Peek for Resource<T> {
    type Target = T;

    fn peek(&self) -> &T {
        &self.value
    }
}

/// All arguments of a call: a tuple of them, at most twelve.
pub trait Arguments: Send + 'static {
    /// What the body gets.
    type Values: Send + 'static;

    /// The task runs that have to end first, by parameter.
    fn upstreams(&self) -> Vec<(&'static str, Vec<Upstream>)>;

    /// Takes the values from the task runs that made them.
    fn settle(&mut self) -> Result<()>;

    /// Feeds all of them to a fingerprint; false if one cannot be written as JSON.
    fn feed(&self, fingerprint: &mut Fingerprint) -> Result<bool>;

    /// The JSON of those that have one.
    fn json(&self) -> Result<BTreeMap<String, Value>>;

    /// The values for one try.
    fn give(&mut self, is_last_try: bool) -> Result<Self::Values>;
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        #[allow(non_snake_case, clippy::unused_unit, unused_mut, unused_variables, reason = "one name serves for a type and its value, and the empty tuple needs neither")]
        impl<$($argument: Argument),*> Arguments for ($($argument,)*) {
            type Values = ($($argument::Value,)*);

            fn upstreams(&self) -> Vec<(&'static str, Vec<Upstream>)> {
                let ($($argument,)*) = self;
                let mut upstreams = Vec::new();
                $(
                    let found = $argument.upstreams();
                    if !found.is_empty() {
                        upstreams.push(($argument.name(), found));
                    }
                )*
                upstreams
            }

            fn settle(&mut self) -> Result<()> {
                let ($($argument,)*) = self;
                $($argument.settle()?;)*
                Ok(())
            }

            fn feed(&self, fingerprint: &mut Fingerprint) -> Result<bool> {
                let ($($argument,)*) = self;
                let mut all = true;
                $(
                    fingerprint.feed(b",");
                    all &= $argument.feed(fingerprint)?;
                )*
                Ok(all)
            }

            fn json(&self) -> Result<BTreeMap<String, Value>> {
                let ($($argument,)*) = self;
                let mut json = BTreeMap::new();
                $(
                    if let Some(value) = $argument.json()? {
                        json.insert($argument.name().to_owned(), value);
                    }
                )*
                Ok(json)
            }

            fn give(&mut self, is_last_try: bool) -> Result<Self::Values> {
                let ($($argument,)*) = self;
                Ok(($($argument.give(is_last_try)?,)*))
            }
        }
    };
}

arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
arguments!(A B C D E F G);
arguments!(A B C D E F G H);
arguments!(A B C D E F G H I);
arguments!(A B C D E F G H I J);
arguments!(A B C D E F G H I J K);
arguments!(A B C D E F G H I J K L);
