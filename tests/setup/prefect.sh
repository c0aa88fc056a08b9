#!/usr/bin/env bash
# Installs Prefect 2.6.5, 2.20 and 3.x into .tools/prefect-*, exactly as prefect/*.lock say.
#
# Needs CPython 3.11 (the one Python that all three run on) with its venv
# module, and the network unless everything is in place. Progress goes to
# stderr; the last line on stdout is a folder with python-prefect-2.6.5,
# python-prefect-2.20 and python-prefect-3.x, each a Python that has that Prefect.
#
# To change a version, remake its lock from the root of the repository:
#   echo prefect==3.8.8 |
#     .tools/uv/bin/uv pip compile --python-version 3.11 --no-annotate --no-header \
#       --no-emit-index-url --upgrade --output-file tests/setup/prefect/3.x.lock -
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/python.bash"

bin=$tools/prefect/bin
mkdir -p "$bin"
for version in 2.6.5 2.20 3.x; do
    venv=$tools/prefect-$version
    if in_place prefect "$venv" "$here/prefect/$version.lock"; then
        say "Prefect $version is in place"
    else
        install prefect "$venv" "$here/prefect/$version.lock" 'cpython==3.11.*'
        say "Prefect $version is installed"
    fi
    # A link would not do: Python finds its environment beside its own name.
    printf '#!/bin/sh\nexec "%s/bin/python" "$@"\n' "$venv" >"$bin/python-prefect-$version"
    chmod +x "$bin/python-prefect-$version"
done
echo "$bin"
