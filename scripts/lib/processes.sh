# Processes that start and end together. To be sourced behind common.sh.
# shellcheck shell=bash

pids=()
names=()

# start NAME COMMAND…: in the background, to be stopped with the others.
start() {
    local name=$1
    shift
    "$@" &
    pids+=($!)
    names+=("$name")
}

# stop_all: the last one first, so that the nodes finish their requests while Redis is there.
stop_all() {
    trap - EXIT INT TERM HUP
    local pid index
    for ((index = ${#pids[@]} - 1; index >= 0; index -= 1)); do
        pid=${pids[index]}
        kill -TERM "$pid" 2>/dev/null || continue
        has_ended "$pid" || kill -KILL "$pid" 2>/dev/null || true
    done
    wait 2>/dev/null || true
}

# has_ended PID: whether it ends within ten seconds.
has_ended() {
    local tries
    for ((tries = 0; tries < 100; tries += 1)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# stop_all_at_exit: at Ctrl-C too.
stop_all_at_exit() {
    trap 'stop_all' EXIT
    trap 'say ""; say "Stopping."; stop_all; exit 0' INT TERM HUP
}

# wait_for_port PORT: until something listens there. Dies where one of the processes has ended before.
wait_for_port() {
    local tries pid
    for ((tries = 0; ; tries += 1)); do
        if is_taken "$1"; then return; fi
        for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || die "a process ended before all were ready."; done
        ((tries < 300)) || die "nothing listens on port $1 after 30 seconds."
        sleep 0.1
    done
}

# watch PATTERN: until a process ends whose name matches. The others are stopped.
watch() {
    local index
    while true; do
        for index in "${!pids[@]}"; do
            # shellcheck disable=SC2053
            [[ ${names[index]} == $1 ]] || continue
            kill -0 "${pids[index]}" 2>/dev/null || die "${names[index]} ended; the others are stopped."
        done
        sleep 0.5
    done
}
