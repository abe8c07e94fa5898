#!/usr/bin/env bash
# Measures Tare beside its peers in one run and prints a table of medians and ratios; RESULTS.md keeps the last one.
# Usage: bench/run.sh [RUNS]      (root; RUNS per measurement, 20 unless given; runtime.sh does half as many rounds). The peers come from Debian sid, see eng/peers.sh.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
NAME=run
. bench/common.sh
RUNS=${1:-20}

together() { # 20 runs at once, with this client
    cat >"$WORK/together-$1.sh" <<EOF
for i in \$(seq 20); do $2 run --rm --net none busybox true & done
wait
EOF
    median_of "$RUNS" "sh $WORK/together-$1.sh"
}

bench_engines() {
    local theirs="$DOCKER -H $THEIRS" ours="$DOCKER -H $OURS" tare="$BIN/tare -H $OURS" none='run --rm --net none busybox true' bridge='run --rm busybox true' of_none
    of_none=$(median_of "$RUNS" "$theirs $none")
    row '`docker run --rm --net none busybox true`' 0.35 "$(median_of "$RUNS" "$ours $none")" "$of_none"
    row '`docker run --rm busybox true` (bridge)' 0.35 "$(median_of "$RUNS" "$ours $bridge")" "$(median_of "$RUNS" "$theirs $bridge")"
    row '`tare run --rm --net none busybox true`, the peer by `docker`' 0.25 "$(median_of "$RUNS" "$tare $none")" "$of_none"
    row '20 × `docker run --rm --net none` at once' 0.35 "$(together ours "$ours")" "$(together theirs "$theirs")"
}

bench_memory() {
    local dockerd containerd shim theirs_shim
    sleep 5
    dockerd=$(pgrep -f "dockerd .*docker-bench-$NAME" | head -1)
    containerd=$(pgrep -P "$dockerd" containerd | head -1)
    limit_row 'idle daemon, PSS' 40 "$(pss "$(cat "$WORK/tared.pid")")" MiB "$(pss "$dockerd" "$containerd")"
    "$DOCKER" -H "$OURS" run -d --net none --name idle busybox sleep 1000 >/dev/null
    "$DOCKER" -H "$THEIRS" run -d --net none --name idle busybox sleep 1000 >/dev/null
    sleep 2
    shim=$(pgrep -f "tare-runtime shim .*$WORK/exec" | head -1)
    theirs_shim=$(pgrep -f "containerd-shim-runc-v2 .*docker-bench-$NAME" | head -1)
    limit_row 'per idle container, PSS of the shim' 2 "$(pss "$shim")" MiB "$(pss "$theirs_shim")"
    "$DOCKER" -H "$OURS" rm -f idle >/dev/null
    "$DOCKER" -H "$THEIRS" rm -f idle >/dev/null
}

main() {
    echo '# Results'
    echo
    echo 'Written by `bench/run.sh`: Tare beside its peers, measured in one run on one machine.'
    echo
    echo "Medians of $RUNS; $(about_run), $(peers_enter crun --version | head -1), $(peers_enter runc --version | head -1)"
    echo
    bench/runtime.sh "$(((RUNS + 1) / 2))"
    echo
    echo '| engine | Tare | dockerd | ratio | bar | |'
    echo '|---|---|---|---|---|---|'
    start_engines
    import_busybox
    bench_engines
    bench_memory
}
main | tee "$WORK/table"
cp "$WORK/table" bench/RESULTS.md
