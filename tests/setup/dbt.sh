#!/usr/bin/env bash
# Installs dbt with its DuckDB adapter into .tools/dbt1, exactly as dbt.lock says.
#
# Needs Python 3.10 to 3.13 with its venv module, and the network unless
# everything is in place. Progress goes to stderr; the last line on stdout is
# the folder that holds the dbt executable.
#
# To change a version, remake the lock from the root of the repository:
#   printf '%s\n' dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.5 |
#     .tools/uv/bin/uv pip compile --universal --python-version 3.10 \
#       --no-annotate --no-header --no-emit-index-url --upgrade \
#       --output-file tests/setup/dbt.lock -
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../.." && pwd)/.tools
venv=$tools/dbt1
uv=$tools/uv/bin/uv
uv_version=0.13.9

say() { echo "dbt.sh: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

# A virtual environment does not survive a move, so its place is in the stamp too.
stamp="$(sha256sum <"$here/dbt.lock") $venv"
if [[ -x $venv/bin/dbt && $(cat "$venv/stamp" 2>/dev/null) == "$stamp" ]]; then
    say "dbt is in place"
    echo "$venv/bin"
    exit
fi

if [[ $("$uv" --version 2>/dev/null) != "uv $uv_version"* ]]; then
    say "installing uv $uv_version into $tools/uv"
    command -v python3 >/dev/null || fail "python3 is missing; install Python 3.10 to 3.13"
    python3 -m venv --clear "$tools/uv" >&2 ||
        fail "python3 cannot make a virtual environment; on Debian install python3-venv"
    "$tools/uv/bin/pip" install --quiet --disable-pip-version-check "uv==$uv_version" >&2 ||
        fail "uv could not be installed; the message of pip is above"
fi

say "installing the packages of dbt.lock into $venv"
"$uv" venv --quiet --clear --python '>=3.10,<3.14' "$venv" >&2 ||
    fail "uv found no Python from 3.10 to 3.13"
"$uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" "$here/dbt.lock" >&2 ||
    fail "dbt could not be installed; the message of uv is above"
"$venv/bin/dbt" --version >/dev/null 2>&1 || fail "dbt was installed but does not start"

echo "$stamp" >"$venv/stamp"
say "dbt is installed"
echo "$venv/bin"
