#!/usr/bin/env bash
# Measures what users do with containers and archives beside dockerd, through the docker command, and prints a table of medians and ratios;
# RESULTS-engine.md keeps the last one.
# Usage: bench/engine.sh [RUNS]      (root; RUNS per measurement, 10 unless given; a third of it for what takes seconds)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. eng/prepare.sh
. eng/image.sh
. eng/clients.sh
. eng/peers.sh

if [ -z "${TARE_BENCH_INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "bench/engine.sh needs root" >&2; exit 1; }
    require_packages hyperfine jq busybox-static iproute2 procps libnftables1
    peers_setup
    programs_current || ./build.sh
    TARE_BENCH_INSIDE=1 exec unshare --mount --net --propagation private -- "$0" "$@"
fi
ip link set lo up
RUNS=${1:-10}
FEW=$(((RUNS + 2) / 3))
WORK=$(mktemp -d /tmp/tare-bench.XXXXXX)
# On the disk, not in memory: what is measured writes files.
DATA=$TARE_PEERS/bench-engine
BIN=$PWD/out/bin
DOCKER=$TARE_PEERS/sid/usr/bin/docker
THEIRS=unix://$WORK/docker.sock OURS=unix://$WORK/tare.sock

finish() {
    for pid in "$WORK"/*.pid; do kill "$(cat "$pid")" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$WORK" "$DATA" "$TARE_PEERS/sid/var/lib/docker-bench-engine"
}
trap finish EXIT

start_tared() {
    "$BIN/tared" -H "$OURS" --data-root "$DATA" --exec-root "$WORK/exec" --pidfile "$WORK/tared.pid" --bridge tare-bench --bip 10.213.0.1/24 >>"$WORK/tared.log" 2>&1 &
}

await() { for _ in $(seq 400); do "$DOCKER" -H "$1" version >/dev/null 2>&1 && return; sleep 0.02; done; echo "$1 does not answer" >&2; exit 1; }

# An image with every applet of busybox, and 100 MB that do not shrink.
prepare_image() {
    mkdir -p "$WORK/root"/{bin,etc,tmp,proc,sys,dev}
    cp /bin/busybox "$WORK/root/bin/"
    local applet
    for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$WORK/root/bin/$applet"; done
    echo 'root:x:0:0:root:/:/bin/sh' >"$WORK/root/etc/passwd"
    head -c 100000000 /dev/urandom >"$WORK/big"
    local host
    for host in "$THEIRS" "$OURS"; do tar -C "$WORK/root" -c . | "$DOCKER" -H "$host" import - busybox >/dev/null; done
}

# Median in milliseconds of a script in which $D is the docker command with its daemon; a second script may come before each run.
median() { # host runs script [before]
    printf 'D="%s -H %s"\n%s\n' "$DOCKER" "$1" "$3" >"$WORK/run.sh"
    printf 'D="%s -H %s"\n%s\n' "$DOCKER" "$1" "${4:-:}" >"$WORK/before.sh"
    hyperfine -N --warmup 1 --runs "$2" --prepare "sh $WORK/before.sh" --export-json "$WORK/h.json" "sh $WORK/run.sh" >/dev/null 2>"$WORK/h.err" ||
        { echo "failed: $3" >&2; cat "$WORK/h.err" >&2; return 1; }
    jq -r '.results[0].median * 1000' "$WORK/h.json"
}

bar() { # what, bar, ours, theirs
    awk -v w="$1" -v b="$2" -v o="$3" -v p="$4" 'BEGIN { r = o / p; printf "| %s | %.0f ms | %.0f ms | %.2f | %s | %s |\n", w, o, p, r, b, (r <= b ? "met" : "missed") }'
}

compare() { # what runs script [before] [bar]
    local theirs
    theirs=$(median "$THEIRS" "$2" "$3" "${4:-:}")
    bar "$1" "${5:-0.5}" "$(median "$OURS" "$2" "$3" "${4:-:}")" "$theirs"
}

life() {
    compare '`run --rm` (bridge)' "$RUNS" '$D run --rm busybox true'
    compare '`run --rm -p 8080:80`' "$RUNS" '$D run --rm -p 8080:80 busybox true'
    compare '`run --rm` with limits' "$RUNS" '$D run --rm --memory 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100 busybox true'
    for host in "$THEIRS" "$OURS"; do "$DOCKER" -H "$host" run -d --name idle --net none busybox sleep 10000 >/dev/null; done
    compare '`exec` of true' "$RUNS" '$D exec idle true'
    compare '20 × `run --rm` at once' "$FEW" 'for i in $(seq 20); do $D run --rm busybox true & done; wait'
    compare '10 × `run -d`, one `rm -f`' "$FEW" 'for i in $(seq 10); do $D run -d busybox sleep 1000 >/dev/null; done; $D rm -f $($D ps -q --filter ancestor=busybox --filter network=bridge)'
}

archives() {
    for host in "$THEIRS" "$OURS"; do
        "$DOCKER" -H "$host" cp "$WORK/big" idle:/big
        "$DOCKER" -H "$host" run -d --name talker --net none --log-opt max-size=1g busybox sh -c 'yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 100000000' >/dev/null
        "$DOCKER" -H "$host" wait talker >/dev/null
    done
    compare '`cp` of 100 MB in' "$FEW" "\$D cp $WORK/big idle:/tmp/big"
    compare '`cp` of 100 MB out' "$FEW" "\$D cp idle:/big $WORK/copy"
    compare '`commit` of 100 MB' "$FEW" '$D commit idle made' '$D rmi -f made >/dev/null 2>&1'
    compare '`export` of 100 MB' "$FEW" "\$D export -o $WORK/export.tar idle"
    compare '`save` of 100 MB' "$FEW" "\$D save -o $WORK/save.tar made"
    compare '`load` of 100 MB' "$FEW" "\$D load -q -i $WORK/save.tar" '$D rmi -f made >/dev/null 2>&1; sleep 0.5'
    compare '`rmi` of 100 MB' "$FEW" '$D rmi -f made' "\$D load -q -i $WORK/save.tar >/dev/null; sleep 0.5"
    compare '`logs` of 100 MB' "$FEW" '$D logs talker >/dev/null'
    compare 'write and follow 100 MB of log' "$FEW" '$D run --rm --net none --log-opt max-size=1g busybox sh -c "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 100000000" >/dev/null' ':' 0.2
}

crowd() {
    local host
    for host in "$THEIRS" "$OURS"; do
        for _ in $(seq 200); do "$DOCKER" -H "$host" create --net none busybox true >/dev/null; done
    done
    compare '`ps -a` with 200 containers' "$RUNS" '$D ps -a'
    for _ in $(seq 50); do "$DOCKER" -H "$OURS" run -d --net none busybox sleep 10000 >/dev/null; done
    local start end
    kill "$(cat "$WORK/tared.pid")"
    while [ -e "$WORK/tared.pid" ]; do sleep 0.1; done
    start=$(date +%s%N)
    start_tared
    for _ in $(seq 4000); do curl -sf --unix-socket "${OURS#unix://}" http://d/_ping >/dev/null && break; sleep 0.002; done
    end=$(date +%s%N)
    awk -v t="$(((end - start) / 1000000))" 'BEGIN { printf "| start of the daemon with 200 stopped and 50 running containers | %d ms | | | 500 ms | %s |\n", t, (t <= 500 ? "met" : "missed") }'
    "$DOCKER" -H "$OURS" ps -aq | xargs "$DOCKER" -H "$OURS" rm -f >/dev/null
}

# What 900 lives leave in the daemon.
memory() {
    local pid first then
    pid=$(pgrep -f "tared .*$DATA" | head -1)
    lives() { for _ in $(seq "$1"); do "$BIN/tare" -H "$OURS" run --rm --net none busybox true; done; sleep 5; awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"; }
    first=$(lives 100) then=$(lives 900)
    awk -v a="$first" -v b="$then" 'BEGIN { printf "| memory after 1,000 lives, above that after 100 | %.1f MiB | | | 10 MiB | %s |\n", (b - a) / 1024, (b - a <= 10240 ? "met" : "missed") }'
    echo "| descriptors, threads then | $(ls "/proc/$pid/fd" | wc -l), $(ls "/proc/$pid/task" | wc -l) | | | | |"
}

mkdir -p "$DATA"
peers_enter dockerd --data-root /var/lib/docker-bench-engine --exec-root /run/docker-bench-engine -H "$THEIRS" --pidfile "$WORK/docker.pid" >"$WORK/dockerd.log" 2>&1 &
start_tared
await "$THEIRS"
await "$OURS"
prepare_image
{
    echo '# Results: containers and archives'
    echo
    echo "Written by \`bench/engine.sh\`. Medians of $RUNS, or of $FEW of what takes seconds; $(date -u +%F), $(uname -sr), $(nproc) cores; $("$DOCKER" --version | cut -d, -f1)"
    echo
    echo '| through the docker command | Tare | dockerd | ratio | bar | |'
    echo '|---|---|---|---|---|---|'
    life
    archives
    crowd
    memory
} | tee bench/RESULTS-engine.md
