#!/usr/bin/env bash
# Measures Tare beside its peers in one run and prints a table of medians and ratios; RESULTS.md keeps the last one.
# Usage: bench/run.sh [RUNS]      (root; RUNS per measurement, 20 unless given; runtime.sh does half as many rounds). The peers come from Debian sid, see eng/peers.sh.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. eng/prepare.sh
. eng/image.sh
. eng/clients.sh
. eng/peers.sh

if [ -z "${TARE_BENCH_INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "bench/run.sh needs root" >&2; exit 1; }
    require_packages hyperfine jq busybox-static iproute2 procps libnftables1
    peers_setup
    programs_current || ./build.sh
    # A network namespace of its own: the bridges and firewall rules of both engines end with it.
    TARE_BENCH_INSIDE=1 exec unshare --mount --net --propagation private -- "$0" "$@"
fi
ip link set lo up
RUNS=${1:-20}
WORK=$(mktemp -d /tmp/tare-bench.XXXXXX)
BIN=$PWD/out/bin
DOCKER=$TARE_PEERS/sid/usr/bin/docker
THEIRS=unix://$WORK/docker.sock OURS=unix://$WORK/tare.sock

finish() {
    # The measurements ran in a pipeline's subshell, whose variables are not here.
    [ -s "$WORK/tared.pid" ] && kill "$(cat "$WORK/tared.pid")" 2>/dev/null
    [ -s "$WORK/docker.pid" ] && kill "$(cat "$WORK/docker.pid")" 2>/dev/null
    wait 2>/dev/null || true
    rm -rf "$WORK" "$TARE_PEERS/sid/var/lib/docker-bench"
}
trap finish EXIT

# Median in milliseconds of a command, by hyperfine.
median() { # command
    hyperfine -N --warmup 3 --runs "$RUNS" --export-json "$WORK/h.json" "$1" >/dev/null 2>"$WORK/h.err" || { echo "failed: $1" >&2; cat "$WORK/h.err" >&2; return 1; }
    jq -r '.results[0].median * 1000' "$WORK/h.json"
}

row() { # what, bar, ours, name of the peer, peer
    awk -v w="$1" -v b="$2" -v o="$3" -v n="$4" -v p="$5" -v u="${6:-ms}" \
        'BEGIN { r = o / p; printf "| %s | %.1f %s | %s %.1f %s | %.2f | %s | %s |\n", w, o, u, n, p, u, r, b, (b == "-" ? "" : (r <= b ? "met" : "missed")) }'
}

limit_row() { # what, bar, ours, unit, peer
    awk -v w="$1" -v b="$2" -v o="$3" -v u="$4" -v p="$5" 'BEGIN { printf "| %s | %.1f %s | %s | %.2f | %s %s | %s |\n", w, o, u, p, (p + 0 == 0) ? 0 : o / p, b, u, (o <= b ? "met" : "missed") }'
}

# Proportional set size of processes in MiB.
pss() { local pid; for pid in "$@"; do awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"; done | awk '{ s += $1 } END { print s / 1024 }'; }

busybox_root() { # folder
    mkdir -p "$1"/{bin,etc,tmp,proc,sys,dev}
    cp /bin/busybox "$1/bin/busybox"
    local applet
    for applet in sh true sleep echo cat ls; do ln -s busybox "$1/bin/$applet"; done
    echo 'root:x:0:0:root:/:/bin/sh' >"$1/etc/passwd"
}

start_engines() {
    peers_enter dockerd --data-root /var/lib/docker-bench --exec-root /run/docker-bench -H "$THEIRS" --pidfile "$WORK/docker.pid" >"$WORK/dockerd.log" 2>&1 &
    "$BIN/tared" -H "$OURS" --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/tared.pid" --bridge tare-bench --bip 10.213.0.1/24 >"$WORK/tared.log" 2>&1 &
    TARED_PID=$!
    local host
    for host in "$THEIRS" "$OURS"; do
        for _ in $(seq 100); do "$DOCKER" -H "$host" version >/dev/null 2>&1 && break; sleep 0.1; done
        busybox_root "$WORK/root-${host##*/}"
        tar -C "$WORK/root-${host##*/}" -c . | "$DOCKER" -H "$host" import - busybox >/dev/null
    done
}

together() { # 20 runs at once, with this client
    cat >"$WORK/together-$1.sh" <<EOF
for i in \$(seq 20); do $2 run --rm --net none busybox true & done
wait
EOF
    median "sh $WORK/together-$1.sh"
}

bench_engines() {
    local theirs="$DOCKER -H $THEIRS" ours="$DOCKER -H $OURS" tare="$BIN/tare -H $OURS" t_none t_bridge
    t_none=$(median "$theirs run --rm --net none busybox true")
    row '`docker run --rm --net none busybox true`' 0.35 "$(median "$ours run --rm --net none busybox true")" dockerd "$t_none"
    t_bridge=$(median "$theirs run --rm busybox true")
    row '`docker run --rm busybox true` (bridge)' 0.35 "$(median "$ours run --rm busybox true")" dockerd "$t_bridge"
    row '`tare run --rm --net none busybox true`' 0.25 "$(median "$tare run --rm --net none busybox true")" docker "$t_none"
    row '20 × `docker run --rm --net none` at once' 0.35 "$(together ours "$ours")" dockerd "$(together theirs "$theirs")"
}

bench_memory() {
    local dockerd containerd shim theirs_shim
    sleep 5
    dockerd=$(cat "$WORK/docker.pid")
    dockerd=$(pgrep -f "dockerd .*docker-bench" | head -1)
    containerd=$(pgrep -P "$dockerd" containerd | head -1)
    limit_row "idle daemon, PSS" 40 "$(pss "$TARED_PID")" MiB "$(pss "$dockerd" "$containerd")"
    "$DOCKER" -H "$OURS" run -d --net none --name idle busybox sleep 1000 >/dev/null
    "$DOCKER" -H "$THEIRS" run -d --net none --name idle busybox sleep 1000 >/dev/null
    sleep 2
    shim=$(pgrep -f "tare-runtime shim .*$WORK/exec" | head -1)
    theirs_shim=$(pgrep -f "containerd-shim-runc-v2 .*docker-bench" | head -1)
    limit_row "per idle container, PSS of the shim" 2 "$(pss "$shim")" MiB "$(pss "$theirs_shim")"
    "$DOCKER" -H "$OURS" rm -f idle >/dev/null
    "$DOCKER" -H "$THEIRS" rm -f idle >/dev/null
}

main() {
    echo "Medians; $(date -u +%F), $(uname -sr), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo); $("$TARE_PEERS/sid/usr/bin/docker" --version | cut -d, -f1), $(peers_enter crun --version | head -1), $(peers_enter runc --version | head -1)"
    echo
    bench/runtime.sh "$(((RUNS + 1) / 2))"
    echo
    echo '| engine | Tare | peer | ratio | bar | |'
    echo '|---|---|---|---|---|---|'
    start_engines
    bench_engines
    bench_memory
}
main | tee "$WORK/table"
{ echo '# Results'; echo; echo 'Written by `bench/run.sh`: Tare beside its peers, measured in one run on one machine.'; echo; cat "$WORK/table"; } >bench/RESULTS.md
