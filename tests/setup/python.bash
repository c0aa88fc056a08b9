# What scripts that install Python programs share; they source it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../.." && pwd)/.tools
uv=$tools/uv/bin/uv
uv_version=0.13.9

say() { echo "${0##*/}: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

need_uv() {
    [[ $("$uv" --version 2>/dev/null) == "uv $uv_version"* ]] && return
    say "installing uv $uv_version into $tools/uv"
    command -v python3 >/dev/null || fail "python3 is missing; install Python 3.11"
    python3 -m venv --clear "$tools/uv" >&2 ||
        fail "python3 cannot make a virtual environment; on Debian install python3-venv"
    "$tools/uv/bin/pip" install --quiet --disable-pip-version-check "uv==$uv_version" >&2 ||
        fail "uv could not be installed; the message of pip is above"
}

# Whether a program of that environment is as that lock file wants it.
# A virtual environment does not survive a move, so its place is in the stamp too.
in_place() {
    local program=$1 venv=$2 lock=$3
    [[ -x $venv/bin/$program && $(cat "$venv/stamp" 2>/dev/null) == "$(stamp "$venv" "$lock")" ]]
}

stamp() { echo "$(sha256sum <"$2") $1"; }

# Makes the environment anew, with such a Python and exactly the packages of that lock file.
install() {
    local program=$1 venv=$2 lock=$3 python=$4
    need_uv
    say "installing the packages of ${lock#"$here/"} into $venv"
    "$uv" venv --quiet --clear --python "$python" "$venv" >&2 ||
        fail "uv found no Python $python; the message of uv is above"
    "$uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" "$lock" >&2 ||
        fail "$program could not be installed; the message of uv is above"
    "$venv/bin/$program" --version >/dev/null 2>&1 ||
        fail "$program was installed but does not start: $venv/bin/$program"
    stamp "$venv" "$lock" >"$venv/stamp"
}
