#!/usr/bin/env bash
# Measures what users do with containers and archives beside dockerd, through the docker command, and prints a table of medians and ratios;
# RESULTS-engine.md keeps the last one.
# Usage: bench/engine.sh [RUNS]      (root; RUNS per measurement, 10 unless given; a third of it for what takes seconds)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
NAME=engine
. bench/common.sh
RUNS=${1:-10}
FEW=$(((RUNS + 2) / 3))

# Median of a script in which $D is the docker command with its daemon; a second script may come before each run.
script_median() { # host runs script [before]
    printf 'D="%s -H %s"\n%s\n' "$DOCKER" "$1" "$3" >"$WORK/run.sh"
    printf 'D="%s -H %s"\n%s\n' "$DOCKER" "$1" "${4:-:}" >"$WORK/before.sh"
    median_of "$2" "sh $WORK/run.sh" "sh $WORK/before.sh"
}

compare() { # what runs script [before] [bar]
    local theirs
    theirs=$(script_median "$THEIRS" "$2" "$3" "${4:-:}")
    row "$1" "${5:-0.5}" "$(script_median "$OURS" "$2" "$3" "${4:-:}")" "$theirs"
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
    limit_row 'start of the daemon with 200 stopped and 50 running containers' 500 "$(((end - start) / 1000000))" ms
    "$DOCKER" -H "$OURS" ps -aq | xargs "$DOCKER" -H "$OURS" rm -f >/dev/null
}

# What 900 lives leave in the daemon.
memory() {
    local pid first then
    pid=$(pgrep -f "tared .*$DATA" | head -1)
    lives() { for _ in $(seq "$1"); do "$BIN/tare" -H "$OURS" run --rm --net none busybox true; done; sleep 5; pss "$pid"; }
    first=$(lives 100) then=$(lives 900)
    limit_row 'memory after 1,000 lives, above that after 100' 10 "$(awk -v a="$first" -v b="$then" 'BEGIN { print b - a }')" MiB
    echo "| descriptors, threads then | $(ls "/proc/$pid/fd" | wc -l), $(ls "/proc/$pid/task" | wc -l) | | | | |"
}

start_engines
import_busybox
head -c 100000000 /dev/urandom >"$WORK/big"
{
    echo '# Results: containers and archives'
    echo
    echo "Written by \`bench/engine.sh\`. Medians of $RUNS, or of $FEW of what takes seconds; $(about_run)"
    echo
    echo '| through the docker command | Tare | dockerd | ratio | bar | |'
    echo '|---|---|---|---|---|---|'
    life
    archives
    crowd
    memory
} | tee bench/RESULTS-engine.md
