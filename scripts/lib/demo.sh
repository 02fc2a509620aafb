# The demo, for the scripts that start it. To be sourced behind common.sh.
# shellcheck shell=bash

# option NAME DEFAULT ARGUMENT…: the value of --NAME among the arguments.
option() {
    local name=$1 value=$2
    shift 2
    while (($#)); do
        case $1 in
            "--$name") value=${2:-} ;;
            "--$name="*) value=${1#*=} ;;
        esac
        shift
    done
    say "$value"
}

# build_demo: builds the demo in the configuration that CONFIGURATION names, and sets `demo` to the program's path.
build_demo() {
    local configuration=${CONFIGURATION:-debug}
    "$root/scripts/setup"
    say "Building (the first time takes some minutes) …"
    (cd "$root" && swift build --configuration "$configuration" --product sess-demo) ||
        die "the build failed; see above."
    # shellcheck disable=SC2034
    demo=$(cd "$root" && swift build --configuration "$configuration" --show-bin-path)/sess-demo
}
