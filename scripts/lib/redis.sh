# Servers of Redis in topologies. To be sourced behind common.sh and processes.sh; `redis_dir` is where they keep files.
# shellcheck shell=bash disable=SC2154

# answers PORT: whether Redis is there and has read its file.
answers() {
    local line
    { exec 4<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    printf 'PING\r\n' >&4
    IFS= read -r -t 2 line <&4 || line=
    exec 4>&-
    [[ $line == +PONG* ]]
}

# start_redis NAME PORT ARGUMENT…: a server with a directory of its own; returns once it answers.
start_redis() {
    local name=$1 port=$2 directory=$redis_dir/$1 tries
    shift 2
    mkdir -p "$directory"
    start "$name" redis-server "$@" --port "$port" --bind 127.0.0.1 --dir "$directory" --daemonize no \
        --logfile "$directory/redis.log"
    for ((tries = 0; ; tries += 1)); do
        if answers "$port"; then return; fi
        kill -0 "${pids[-1]}" 2>/dev/null || die "$name ended; its log is $directory/redis.log"
        ((tries < 100)) || die "$name doesn't answer on port $port; its log is $directory/redis.log"
        sleep 0.1
    done
}

# The topologies: each takes the port of its first server and sets `store` to the URL.

start_single() {
    start_redis redis-server "$1" --appendonly yes --save ""
    store=redis://127.0.0.1:$1
}

# A master, two replicas, and three Sentinels.
start_sentinel() {
    local port=$1 name sentinel_port sentinels=()
    # A former run's files are of other ports.
    rm -rf "${redis_dir:?}"/{master,replica-1,replica-2,sentinel-1,sentinel-2,sentinel-3}
    start_redis master "$port" --save "" --repl-diskless-sync-delay 0
    for name in replica-1 replica-2; do
        start_redis "$name" "$(free_port)" --save "" --repl-diskless-sync-delay 0 --replicaof 127.0.0.1 "$port"
    done
    for name in sentinel-1 sentinel-2 sentinel-3; do
        sentinel_port=$(free_port)
        mkdir -p "$redis_dir/$name"
        printf '%s\n' "sentinel monitor mymaster 127.0.0.1 $port 2" \
            "sentinel down-after-milliseconds mymaster 1000" "sentinel failover-timeout mymaster 5000" \
            >"$redis_dir/$name/sentinel.conf"
        start_redis "$name" "$sentinel_port" "$redis_dir/$name/sentinel.conf" --sentinel
        sentinels+=("127.0.0.1:$sentinel_port")
    done
    store="redis+sentinel://$(IFS=,; printf '%s' "${sentinels[*]}")/mymaster"
}

# Three masters with a replica each.
start_cluster() {
    local port=$1 number tries servers=()
    rm -rf "${redis_dir:?}"/redis-{1,2,3,4,5,6}
    for number in 1 2 3 4 5 6; do
        if ((number > 1)); then port=$(free_port); fi
        start_redis "redis-$number" "$port" --save "" --cluster-enabled yes --cluster-port "$(free_port)" \
            --cluster-node-timeout 2000 --repl-diskless-sync-delay 0
        servers+=("127.0.0.1:$port")
    done
    # The first three become masters.
    redis-cli --cluster create "${servers[@]}" --cluster-replicas 1 --cluster-yes >"$redis_dir/create.log" ||
        die "the cluster could not be created; see $redis_dir/create.log"
    for ((tries = 0; ; tries += 1)); do
        [[ $(redis-cli -p "$port" cluster info) != *cluster_state:ok* ]] || break
        ((tries < 300)) || die "the cluster didn't get ready within 30 seconds."
        sleep 0.1
    done
    store="redis+cluster://$(IFS=,; printf '%s' "${servers[*]}")"
}
