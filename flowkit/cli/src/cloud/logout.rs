//! `flowkit cloud logout`: forgets the key and the workspace.

use flowkit::Result;
use serde_json::json;

use super::Cloud;
use crate::report::Report;

pub(super) fn run(cloud: &Cloud) -> Result<Report> {
    let profile = &cloud.profile;
    let is_cloud = cloud.settings.api_url().is_some_and(|url| url.starts_with(cloud.url()));
    let known = cloud.sources.profiles.get(profile)?;
    let names = ["FLOWKIT_API_KEY"].into_iter().chain(is_cloud.then_some("FLOWKIT_API_URL"));
    let names: Vec<&str> = names.filter(|name| known.contains_key(*name)).collect();
    cloud.edit(|profiles| {
        for name in &names {
            profiles.unset(profile, name)?;
        }
        Ok(())
    })?;
    let report = Report::of(&json!({ "profile": profile, "unset": names }));
    let report = if names.is_empty() {
        report.line(format!("Profile '{profile}' was not logged in."))
    } else {
        report
            .line(format!("Logged out: profile '{profile}' no longer has {}.", names.join(" and ")))
    };
    Ok(report.warnings(cloud.overrides()))
}
