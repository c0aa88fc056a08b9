//! Bucket path: a bucket, and a folder in it.

use std::fmt;
use std::str::FromStr;

use flowkit::{Error, Result};

/// A bucket, and perhaps a folder in it: `demo` or `demo/flows`.
///
/// Also understood with the scheme in front, `gs://demo/flows`, as the tools of Google Cloud
/// write it, and `gcs://demo/flows`, as Prefect does.
///
/// ```
/// use flowkit_gcp::BucketPath;
///
/// let path: BucketPath = "gs://demo/flows/".parse()?;
/// assert_eq!(path.bucket(), "demo");
/// assert_eq!(path.key("hello/flow.yaml")?, "flows/hello/flow.yaml");
/// # Ok::<(), flowkit::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPath {
    bucket: String,
    folder: String,
}

impl BucketPath {
    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The folder, without slashes at its ends; empty for the whole bucket.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The key in the bucket of something that is kept under `key` in the folder.
    ///
    /// # Errors
    /// Invalid for a key that leaves the folder, or names nothing in it.
    pub fn key(&self, key: &str) -> Result<String> {
        if key.is_empty() || !key.split('/').all(is_name) {
            return Err(Error::invalid(format!("the key `{key}` leaves its folder in the bucket")));
        }
        Ok(match self.folder.as_str() {
            "" => key.to_owned(),
            folder => format!("{folder}/{key}"),
        })
    }
}

/// Says whether a part of a key is a plain name.
fn is_name(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains('\\')
}

impl FromStr for BucketPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let schemes = ["gs://", "gcs://"];
        let path = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
        let (bucket, folder) = path.split_once('/').unwrap_or((path, ""));
        let folder = folder.trim_end_matches('/');
        if !is_bucket(bucket) || !(folder.is_empty() || folder.split('/').all(is_name)) {
            let hint = "it is written `bucket` or `bucket/folder`, perhaps with gs:// in front";
            return Err(Error::invalid(format!("`{text}` is no path in a bucket")).with_hint(hint));
        }
        Ok(Self { bucket: bucket.to_owned(), folder: folder.to_owned() })
    }
}

/// The naming rule of Cloud Storage: 3 to 63 lower-case letters, digits, `-`, `_` and dots (then
/// up to 222 in all), a letter or digit at both ends.
fn is_bucket(name: &str) -> bool {
    let longest = if name.contains('.') { 222 } else { 63 };
    let allowed = |sign: char| matches!(sign, 'a'..='z' | '0'..='9' | '-' | '_' | '.');
    let solid = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
    (3..=longest).contains(&name.len())
        && name.chars().all(allowed)
        && solid(name.chars().next())
        && solid(name.chars().next_back())
}

impl fmt::Display for BucketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.folder.as_str() {
            "" => write!(f, "gs://{}", self.bucket),
            folder => write!(f, "gs://{}/{folder}", self.bucket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_read_in_every_spelling_and_written_in_one() {
        for text in ["demo/flows", "gs://demo/flows", "gcs://demo/flows/"] {
            let path: BucketPath = text.parse().expect(text);
            assert_eq!(path.to_string(), "gs://demo/flows");
        }
        assert_eq!("demo".parse::<BucketPath>().expect("a bucket").to_string(), "gs://demo");
    }

    #[test]
    fn keys_stay_in_their_folder() {
        let path: BucketPath = "demo/flows".parse().expect("a path");
        for key in ["../other", "a/../../b", "/etc/passwd", "", "a//b", ".", "a\\..\\b"] {
            path.key(key).expect_err(key);
        }
        assert_eq!(path.key("a/b..c").expect("a name with dots"), "flows/a/b..c");
    }

    #[test]
    fn what_is_no_bucket_is_refused() {
        for text in ["", "ab", "Demo", "-demo", "demo/../other", "s3://demo", "a b c"] {
            text.parse::<BucketPath>().expect_err(text);
        }
    }
}
