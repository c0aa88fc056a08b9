#!/usr/bin/env bash
# Finds the programs of a Postgres server, version 12 or newer, and installs Debian's if there are none.
#
# The tests start a server of their own with them and stop it again (tests/support/postgres.rs);
# one that runs on this machine is left alone. Progress goes to stderr; the last line on stdout is
# the folder that holds initdb and pg_ctl.
set -euo pipefail

say() { echo "postgres.sh: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

# The newest of those that are installed: Debian does not put them on PATH.
find_folder() {
    local place
    place=$(command -v initdb || true)
    if [[ -z $place ]]; then
        place=$(find /usr/lib/postgresql /usr/pgsql-* /opt/homebrew/opt/postgresql* /usr/local/opt/postgresql* \
            -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    fi
    [[ -z $place ]] || dirname "$(readlink -f "$place")"
}

folder=$(find_folder)
if [[ -z $folder ]]; then
    command -v apt-get >/dev/null ||
        fail "there is no Postgres server; install one (12 or newer), or put its initdb on PATH"
    say "installing Debian's postgresql"
    as_root=()
    ((EUID == 0)) || as_root=(sudo)
    { "${as_root[@]}" apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql; } >&2 ||
        fail "postgresql could not be installed; the message of apt-get is above"
    folder=$(find_folder)
    [[ -n $folder ]] || fail "postgresql was installed but its initdb is not found"
fi

version=$("$folder/initdb" --version | grep -oE '[0-9]+' | head -n 1)
((version >= 12)) || fail "Postgres $version in $folder is too old; 12 or newer is needed"
if ((EUID == 0)); then
    id postgres >/dev/null 2>&1 ||
        fail "a server does not run as root, and there is no user postgres to run it"
fi
say "Postgres $version is in place"
echo "$folder"
