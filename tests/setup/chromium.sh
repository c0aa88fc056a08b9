#!/usr/bin/env bash
# Finds Chromium, or installs Debian's package of it; pages are looked at in it, without a window.
#
# Progress goes to stderr; the last line on stdout is a folder with nothing but chromium in it.
set -euo pipefail

say() { echo "chromium.sh: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

if ! command -v chromium >/dev/null; then
    command -v apt-get >/dev/null ||
        fail "there is no chromium on PATH; install it with this system's package manager"
    ((EUID == 0)) || fail "there is no chromium on PATH; install it: sudo apt-get install chromium"
    say "installing Debian's package chromium"
    # What the machine knows of packages may be older than the packages are.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes \
        --no-install-recommends chromium fonts-dejavu-core; } >/dev/null ||
        fail "chromium could not be installed; the message of apt-get is above"
fi
chromium --version >/dev/null 2>&1 || fail "chromium was found but does not start"
# The folder that it lies in holds other programs too, which must not come before others on PATH.
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.tools/chromium
mkdir -p "$bin"
found=$(command -v chromium)
[[ $found == "$bin/chromium" ]] || ln -sf "$found" "$bin/chromium"
say "$(chromium --version 2>/dev/null) is in place"
echo "$bin"
