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
source "$(dirname "${BASH_SOURCE[0]}")/python.bash"

venv=$tools/dbt1
if in_place dbt "$venv" "$here/dbt.lock"; then
    say "dbt is in place"
else
    install dbt "$venv" "$here/dbt.lock" '>=3.10,<3.14'
    say "dbt is installed"
fi
echo "$venv/bin"
