#!/usr/bin/env bash
# Measures tare-runtime beside crun and runc in one run and prints a table; run.sh calls it, and it works on its own.
# Usage: bench/runtime.sh [ROUNDS]      (root; 10 unless given). A round measures each runtime a few times in turn, so that noise hits all the same.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. eng/prepare.sh
. eng/clients.sh
. eng/peers.sh

[ "$(id -u)" = 0 ] || { echo "bench/runtime.sh needs root" >&2; exit 1; }
require_packages jq time busybox-static
peers_setup
[ -x out/bin/tare-runtime ] || ./build.sh
ROUNDS=${1:-10}
BENCH=$(mktemp -d /tmp/tare-bench-runtime.XXXXXX)
trap 'rm -rf "$BENCH"' EXIT
RUNTIMES=(tare-runtime crun runc)

config() { # bundle, jq filter
    mkdir -p "$BENCH/$1"
    jq --arg root "$BENCH/rootfs" --arg bench "$BENCH" --slurpfile seccomp tests/unit/Linux/Seccomp/docker-seccomp.json \
        ".process.terminal = false | .process.args = [\"/bin/true\"] | .root.path = \$root | $2" "$BENCH/spec/config.json" >"$BENCH/$1/config.json"
}

prepare() {
    local applet i
    mkdir -p "$BENCH"/rootfs/{bin,proc,sys,dev,m} "$BENCH"/{spec,source}
    chmod 755 "$BENCH"
    cp out/bin/tare-runtime /usr/bin/time "$BENCH/"
    cp /bin/busybox "$BENCH/rootfs/bin/busybox"
    for applet in true sleep; do ln -s busybox "$BENCH/rootfs/bin/$applet"; done
    for i in $(seq 100); do mkdir "$BENCH/rootfs/m/$i"; done
    peers_enter runc spec --bundle "$BENCH/spec"
    config default .
    config sleeping '.process.args = ["/bin/sleep", "1000"]'
    config user '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    config mounts '.mounts += [range(1; 101) | {destination: "/m/\(.)", type: "bind", source: "\($bench)/source", options: ["rbind", "ro", "nosuid"]}]'
    # A rule for each call of Docker's profile, filled up with rules that compare arguments.
    config seccomp '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        syscalls: ([("arch_prctl", $seccomp[0].common[]) | {names: [.], action: "SCMP_ACT_ALLOW"}] +
            [range(0; 400) | {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}] | .[:400])}'
}

# What is measured of a runtime, one command for each case in $BENCH/<case>-<runtime>.command: no shell stands between where none is needed.
commands() { # runtime
    local id=bench-$1 call bundle script
    call="$1 --root /run/bench-$1"
    if [ "$1" = tare-runtime ]; then call="$BENCH/tare-runtime --root /run/bench-tare"; fi
    for bundle in default user mounts seccomp; do echo "$call run -b $BENCH/$bundle $id" >"$BENCH/$bundle-$1.command"; done
    cp "$BENCH/default-$1.command" "$BENCH/rested-$1.command"
    echo "$call exec $id-idle /bin/true" >"$BENCH/exec-$1.command"
    echo "$call run -d -b $BENCH/sleeping $id-idle" >"$BENCH/idle-$1"
    echo "$call delete -f $id-idle" >"$BENCH/gone-$1"
    printf '%s create -b %s %s </dev/null >/dev/null 2>&1 && %s start %s && %s delete -f %s\n' "$call" "$BENCH/sleeping" "$id" "$call" "$id" "$call" "$id" >"$BENCH/steps-$1"
    printf 'for i in $(seq 100); do %s run -b %s %s || exit 1; done\n' "$call" "$BENCH/default" "$id" >"$BENCH/row-$1"
    printf 'for i in $(seq 20); do %s run -b %s %s-$i & pids="$pids $!"; done; for p in $pids; do wait $p || exit 1; done\n' "$call" "$BENCH/default" "$id" >"$BENCH/together-$1"
    for script in steps row together; do echo "sh $BENCH/$script-$1" >"$BENCH/$script-$1.command"; done
}

# The script that runs in the peers' root. Its results are $BENCH/<case>-<runtime>-<round>.json and $BENCH/peak-<runtime>.
measure() {
    cat <<END
for r in ${RUNTIMES[*]}; do sh $BENCH/idle-\$r </dev/null >/dev/null 2>&1; done
trap 'for r in ${RUNTIMES[*]}; do sh $BENCH/gone-\$r; done' EXIT
for round in \$(seq $ROUNDS); do
    for case in default rested steps exec user mounts seccomp row together; do
        case \$case in row) runs=1 ;; together) runs=2 ;; *) runs=5 ;; esac
        case \$case in rested) rest="sleep 0.3" ;; *) rest= ;; esac
        for r in ${RUNTIMES[*]}; do
            hyperfine -N --warmup 1 \${rest:+--prepare} \${rest:+"\$rest"} --runs \$runs --export-json $BENCH/\$case-\$r-\$round.json "\$(cat $BENCH/\$case-\$r.command)" >/dev/null 2>$BENCH/error ||
                { echo "failed: \$case with \$r" >&2; cat $BENCH/error >&2; exit 1; }
        done
    done
    # The kernel counts what the parent held when it executed the command, so the parent is a small one.
    for r in ${RUNTIMES[*]}; do
        $BENCH/time -a -o $BENCH/peak-\$r -f %M \$(cat $BENCH/default-\$r.command)
    done
done
END
}

# Median of all rounds in milliseconds; hyperfine 2 lists measurements, version 1 times.
median_of() { # case, runtime
    jq -s '[.[].results[0] | (.times // [.measurements[].time_wall_clock.value])[]] | sort | .[length / 2 | floor] * 1000' "$BENCH/$1-$2"-*.json
}

# MiB of a runtime.
peak_of() { sort -n "$BENCH/peak-$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1024 }'; }

print_row() { # what, bar, unit, ours, crun, runc
    awk -v w="$1" -v b="$2" -v u="$3" -v o="$4" -v c="$5" -v r="$6" 'BEGIN {
        q = o / c; met = (b == "< 1" ? q < 1 : q <= b + 0)
        printf "| %s | %.1f %s | %.1f %s | %.1f %s | %.2f | %.2f | %s | %s |\n", w, o, u, c, u, r, u, q, o / r, b, met ? "met" : "missed" }'
}

main() {
    local runtime case what bar
    prepare
    for runtime in "${RUNTIMES[@]}"; do commands "$runtime"; done
    measure >"$BENCH/measure"
    peers_enter sh "$BENCH/measure"
    echo '| `tare-runtime` | Tare | crun | runc | ÷ crun | ÷ runc | bar (÷ crun) | |'
    echo '|---|---|---|---|---|---|---|---|'
    while IFS='|' read -r case bar what; do
        print_row "$what" "$bar" ms "$(median_of "$case" tare-runtime)" "$(median_of "$case" crun)" "$(median_of "$case" runc)"
    done <<'END'
default|0.7|`run` of /bin/true, default `runc spec` config
rested|< 1|the same, when no other has run for 0.3 s
steps|< 1|`create`, `start`, `delete -f`
exec|< 1|`exec` of /bin/true
row|< 1|100 × `run` in a row
together|< 1|20 × `run` at once
user|< 1|`run` with a user namespace
mounts|< 1|`run` with 100 bind mounts
seccomp|< 1|`run` with 400 seccomp rules
END
    print_row 'peak memory of `run`' '< 1' MiB "$(peak_of tare-runtime)" "$(peak_of crun)" "$(peak_of runc)"
}
main
