# Shared by the scripts: messages, and where the package is. To be sourced.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }

# die MESSAGE…: one line for each, on the standard error; ends the script.
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# is_taken PORT: whether something listens there on this host.
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# check_port NAME VALUE
check_port() {
    if ! [[ $2 =~ ^[0-9]{1,5}$ ]] || ((10#$2 < 1 || 10#$2 > 65535)); then
        die "$1 is a number from 1 to 65535, not '$2'."
    fi
}

# free_port: prints a port on which nothing listens now.
free_port() {
    local port tries
    for ((tries = 0; tries < 100; tries += 1)); do
        port=$((20000 + RANDOM % 12000))
        if ! is_taken "$port"; then
            say "$port"
            return
        fi
    done
    die "no free port was found between 20000 and 31999."
}
