# What the measuring scripts share. A script sets NAME and sources this from the project's root; it goes on inside a mount and a network namespace of its own, so that
# the bridges and rules of both engines end with it; a function finish_more of its own is called at the end. Gives WORK (in memory or not, as /tmp is), DATA (on the disk), BIN, DOCKER, and the engines' sockets THEIRS and OURS.
. eng/prepare.sh
. eng/image.sh
. eng/clients.sh
. eng/peers.sh

if [ -z "${TARE_BENCH_INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "$0 needs root" >&2; exit 1; }
    require_packages hyperfine jq python3 zstd curl time busybox-static iproute2 procps libnftables1
    require_clients
    peers_setup
    programs_current || ./build.sh
    TARE_BENCH_INSIDE=1 exec unshare --mount --net --propagation private -- "$0" "$@"
fi
ip link set lo up
WORK=$(mktemp -d /tmp/tare-bench.XXXXXX)
DATA=$TARE_PEERS/bench-$NAME
BIN=$PWD/out/bin
DOCKER=$TARE_PEERS/sid/usr/bin/docker
THEIRS=unix://$WORK/docker.sock OURS=unix://$WORK/tare.sock
mkdir -p "$DATA"

finish() {
    local file
    # Measurements run in subshells, whose variables are not here.
    for file in "$WORK"/*.pid; do kill "$(cat "$file" 2>/dev/null)" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$WORK" "$DATA" "$TARE_PEERS/sid/var/lib/docker-bench-$NAME"
    if declare -F finish_more >/dev/null; then finish_more; fi
}
trap finish EXIT

start_tared() {
    "$BIN/tared" -H "$OURS" --data-root "$DATA/tare" --exec-root "$WORK/exec" --pidfile "$WORK/tared.pid" --bridge tare-bench --bip 10.213.0.1/24 >>"$WORK/tared.log" 2>&1 &
}

start_dockerd() {
    peers_enter dockerd --data-root "/var/lib/docker-bench-$NAME" --exec-root "/run/docker-bench-$NAME" -H "$THEIRS" --pidfile "$WORK/docker.pid" >"$WORK/dockerd.log" 2>&1 &
}

await() { for _ in $(seq 400); do "$DOCKER" -H "$1" version >/dev/null 2>&1 && return; sleep 0.02; done; echo "$1 does not answer" >&2; exit 1; }

start_engines() {
    start_dockerd
    start_tared
    await "$THEIRS"
    await "$OURS"
}

# The image busybox, with every applet, in both engines.
import_busybox() {
    local root=$WORK/busybox-root applet host
    mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev}
    cp /bin/busybox "$root/bin/"
    for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
    echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
    for host in "$THEIRS" "$OURS"; do tar -C "$root" -c . | "$DOCKER" -H "$host" import - busybox >/dev/null; done
}

# Median in milliseconds of a command, by hyperfine.
median_of() { # runs command [before]
    hyperfine -N --warmup 1 --runs "$1" ${3:+--prepare} ${3:+"$3"} --export-json "$WORK/h.json" "$2" >/dev/null 2>"$WORK/h.err" || { echo "failed: $2" >&2; cat "$WORK/h.err" >&2; return 1; }
    jq -r '.results[0].median * 1000' "$WORK/h.json"
}

# A line of the table: ours beside the peer's, their ratio, and whether it is within the bar.
row() { # what, bar, ours, peer's, [unit]
    awk -v w="$1" -v b="$2" -v o="$3" -v p="$4" -v u="${5:-ms}" 'BEGIN {
        f = (u == "ms" && p >= 100) ? "%.0f" : "%.1f"; r = o / p
        printf "| %s | " f " %s | " f " %s | %.2f | %s | %s |\n", w, o, u, p, u, r, b, r <= b ? "met" : "missed" }'
}

# A line of the table whose bar is a figure of its own; the peer's is for comparison and may be empty.
limit_row() { # what, bar, ours, unit, [peer's]
    awk -v w="$1" -v b="$2" -v o="$3" -v u="$4" -v p="${5:-}" 'BEGIN {
        printf "| %s | %.1f %s | %s | %s | %s %s | %s |\n", w, o, u, p == "" ? "" : sprintf("%.1f %s", p, u), p + 0 ? sprintf("%.2f", o / p) : "", b, u, o <= b ? "met" : "missed" }'
}

# Proportional set size of processes in MiB.
pss() { local pid; for pid in "$@"; do awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"; done | awk '{ s += $1 } END { print s / 1024 }'; }

# What every table says of its run.
about_run() { echo "$(date -u +%F), $(uname -sr), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo); $("$DOCKER" --version | cut -d, -f1)"; }
