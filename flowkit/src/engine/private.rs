//! What the macros write calls to. Not for people: it changes without notice.

pub use inventory;

pub use super::argument::{
    Argument, Arguments, Borrowed, Owned, Resource, Traits, borrowed, borrowed_or, owned, owned_or,
    peek, resource,
};
pub use super::body::{Extras, blocking};
pub use super::call::task_call;
pub use super::definition::{Cache, Delay, FlowDefinition, TaskDefinition};
pub use super::entry::{MainOptions, main, main_blocking};
pub use super::execute::{Execute, Registration, erase};
pub use super::fingerprint::Fingerprint;
pub use super::flow_call::flow_call;
pub use super::hook::{HookFn, hook};
pub use super::outcome::{Codec, Failure, Fallible, Outcome};
pub use super::parameter::{ParameterDefinition, Parameters};
pub use super::probe::{ByBox, ByDebug, ByError, Caught, Otherwise, Probe};
pub use crate::Durability;
pub use crate::model::CrashPolicy as OnCrash;

/// What a task's own function for the cache key may return.
pub trait CacheKey {
    /// The key; none for a call that is not to be cached.
    fn into_key(self) -> Option<String>;
}

impl CacheKey for String {
    fn into_key(self) -> Option<String> {
        Some(self)
    }
}

impl CacheKey for &str {
    fn into_key(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl<K: CacheKey> CacheKey for Option<K> {
    fn into_key(self) -> Option<String> {
        self.and_then(CacheKey::into_key)
    }
}

/// What a task's own function for the cache key returned.
pub fn cache_key(key: impl CacheKey) -> Option<String> {
    key.into_key()
}

/// What a flow's own check returned.
///
/// # Errors
/// Invalid when the check said no.
pub fn validate<E: std::fmt::Display>(checked: Result<(), E>) -> crate::Result<()> {
    checked.map_err(|error| crate::Error::invalid(format!("the parameters were refused: {error}")))
}

/// What is known about the type of an argument.
#[doc(hidden)]
#[macro_export]
macro_rules! __traits {
    ($type:ty) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $crate::__private::Traits::<$type> {
            clone: $crate::__private::Probe::<$type>::CLONE,
            feed: $crate::__private::Probe::<$type>::FEED,
            encode: $crate::__private::Probe::<$type>::ENCODE,
        }
    }};
}

/// One argument of a call.
#[doc(hidden)]
#[macro_export]
macro_rules! __input {
    (owned $name:literal, $type:ty, $value:expr) => {
        $crate::__private::owned::<$type>($name, $value, $crate::__traits!($type))
    };
    (borrowed $name:literal, $type:ty, $value:expr) => {
        $crate::__private::borrowed::<$type>($name, $value, $crate::__traits!($type))
    };
    (default $name:literal, $type:ty, $value:expr, $default:expr) => {
        $crate::__private::owned_or::<$type, _>(
            $name,
            $value,
            || ::core::convert::From::from($default),
            $crate::__traits!($type),
        )
    };
    (borrowed_default $name:literal, $type:ty, $value:expr, $default:expr) => {
        $crate::__private::borrowed_or::<$type, _>(
            $name,
            $value,
            || ::core::convert::From::from($default),
            $crate::__traits!($type),
        )
    };
    (resource $name:literal, $type:ty, $value:expr) => {
        $crate::__private::resource::<$type>($name, $value)
    };
}

/// How a result is written and read.
#[doc(hidden)]
#[macro_export]
macro_rules! __codec {
    ($type:ty) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $crate::__private::Codec::<$type> {
            write: $crate::__private::Probe::<$type>::WRITE,
            read: $crate::__private::Probe::<$type>::READ,
            handles: $crate::__private::Probe::<$type>::HANDLES,
        }
    }};
}

/// How one try ended, made ours.
#[doc(hidden)]
#[macro_export]
macro_rules! __outcome {
    (plain $type:ty, $value:expr) => {
        $crate::__private::Outcome::<$type>::Ok($value)
    };
    (result $type:ty, $value:expr) => {
        match $value {
            ::core::result::Result::Ok(value) => $crate::__private::Outcome::Ok(value),
            ::core::result::Result::Err(error) => {
                $crate::__private::Outcome::Err($crate::__failure!(error))
            }
        }
    };
    (result $type:ty, $value:expr, retry_if = $predicate:path) => {
        match $value {
            ::core::result::Result::Ok(value) => $crate::__private::Outcome::Ok(value),
            ::core::result::Result::Err(error) => {
                let may_retry: bool = $predicate(&error);
                $crate::__private::Outcome::Err($crate::__failure!(error).may_retry(may_retry))
            }
        }
    };
}

/// A body's own error, made ours.
#[doc(hidden)]
#[macro_export]
macro_rules! __failure {
    ($error:expr) => {{
        #[allow(unused_imports, reason = "which of them is used depends on the error")]
        use $crate::__private::{ByBox as _, ByDebug as _, ByError as _};
        (&&&$crate::__private::Caught::new($error)).convert()
    }};
}

/// One parameter of a flow that is called with JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter {
    (resource $parameters:expr, $name:literal, $type:ty) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $parameters.resource::<$type>($name, $crate::__private::Probe::<$type>::DEFAULT)?
    }};
    ($parameters:expr, $name:literal, $type:ty) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $parameters.take::<$type>(
            $name,
            $crate::__private::Probe::<$type>::DECODE,
            ::core::option::Option::None,
        )?
    }};
    ($parameters:expr, $name:literal, $type:ty, default $default:expr) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $parameters.take::<$type>(
            $name,
            $crate::__private::Probe::<$type>::DECODE,
            ::core::option::Option::Some(|| ::core::convert::From::from($default)),
        )?
    }};
}

/// What a flow says about one of its parameters.
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($name:literal, $type:ty) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $crate::__private::ParameterDefinition {
            name: $name,
            schema: $crate::__private::Probe::<$type>::SCHEMA,
            default: ::core::option::Option::None,
        }
    }};
    ($name:literal, $type:ty, default $default:expr) => {{
        #[allow(unused_imports, reason = "a type that can do all needs no fallback")]
        use $crate::__private::Otherwise as _;
        $crate::__private::ParameterDefinition {
            name: $name,
            schema: $crate::__private::Probe::<$type>::SCHEMA,
            default: ::core::option::Option::Some(|| {
                let default: $type = ::core::convert::From::from($default);
                let encode = $crate::__private::Probe::<$type>::ENCODE;
                encode.and_then(|encode| encode(&default).ok())
            }),
        }
    }};
}
