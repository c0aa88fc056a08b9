// The hidden part of the tour's examples: it runs one on a database of its own, gone with it.

fn scratch<T>(example: impl Future<Output = flowkit::Result<T>>) -> flowkit::Result<T> {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().to_str().expect("a path in UTF-8");
    let environment = flowkit::settings::Environment::of([("FLOWKIT_HOME", path)]);
    let settings = flowkit::settings::Settings::from_sources(
        &environment,
        &flowkit::settings::Profiles::default(),
        None,
    )?;
    tokio::runtime::Runtime::new().expect("an executor").block_on(async {
        let runtime = flowkit::Runtime::start(settings, flowkit::Clock::system()).await?;
        runtime.hold(example).await
    })
}
