# Each recipe is one spelling of a check; tests/run --help says what the steps do.

# What to run before a commit.
check:
    tests/run fmt clippy
    cargo test -p flowkit-tests tidy::

# All tests and the examples in the documentation.
test:
    tests/run test

# The documentation, warnings as errors.
docs:
    tests/run docs

# flowkit without default features, and the crate counts.
light:
    tests/run light

# Licences, sources and duplicates of the dependencies (needs cargo-deny).
deny:
    cargo deny --all-features check bans licenses sources

# Everything that continuous integration does.
ci: deny
    CI=true .ci/run

# Accept crate counts, snapshots and compile-fail output.
bless:
    tests/run bless

# Measure.
bench:
    cargo bench --workspace
