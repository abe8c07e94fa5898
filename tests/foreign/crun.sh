#!/usr/bin/env bash
# Runs crun's own tests, once with crun and once with tare-runtime, and prints what differs. Needs root and a Debian mirror.
# Usage: tests/foreign/crun.sh [--ours] [test_exec.py …]
#   --ours      do not run crun again: compare with its last results
# The suite comes from Debian's source package and runs in the root of eng/peers.sh. It is written for crun's command line: what only that has is translated.
# Results (TAP, with standard error) stay in ~/.cache/tare/foreign/crun/results. Exits with 1 when a test that crun passes fails with tare-runtime.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "$0")")/../.."
. eng/prepare.sh
. eng/clients.sh
. eng/peers.sh
. tests/foreign/runtimes.sh
[ "$(id -u)" = 0 ] || { echo "tests/foreign/crun.sh needs root: it runs containers" >&2; exit 1; }
[ -x out/bin/tare-runtime ] || { echo "out/bin/tare-runtime is missing: ./build.sh makes it" >&2; exit 1; }
RUNTIMES=(crun tare-runtime)
[ "${1:-}" = --ours ] && { RUNTIMES=(tare-runtime); shift; }
# How long the tests of one file may take, in seconds.
LIMIT=${TARE_FOREIGN_SECONDS:-300}

peers_setup
mkdir -p "$FOREIGN"
peers_install python3 gcc libc6-dev libseccomp-dev
fetch_source crun

# The root shares /tmp with the machine.
WORK=$(mktemp -d)
chmod 755 "$WORK"
trap 'rm -rf "$WORK"' EXIT
cp -a "$FOREIGN/crun/source" "$WORK/suite"
cp out/bin/tare-runtime tests/foreign/terminal.py "$WORK"
: >"$WORK/config.h"
peers_enter gcc -static -I "$WORK" -DHAVE_SECCOMP -DHAVE_LINUX_IOPRIO_H -DHAVE_ERROR_H -D_GNU_SOURCE -w -o "$WORK/init" "$WORK/suite/tests/init.c"

# "--cgroup-manager NAME" and "run --config FILE" are crun's own. The name of the program is too: where tests compare it, they mean the runtime.
cat >"$WORK/runtime" <<'END'
#!/bin/bash
arguments=()
while [ $# -gt 0 ]; do
    case $1 in
    --cgroup-manager) [ "$2" = systemd ] && arguments+=(--systemd-cgroup); shift ;;
    --cgroup-manager=*) [ "${1#*=}" = systemd ] && arguments+=(--systemd-cgroup) ;;
    --config) [ "$2" = config.json ] || { [ "${2##*/}" = config.json ] || cp "$2" "$(dirname "$2")/config.json"; arguments+=(--bundle "$(dirname "$2")"); }; shift ;;
    *) arguments+=("$1") ;;
    esac
    shift
done
exec "$(dirname "$0")/tare-runtime" "${arguments[@]}"
END
chmod +x "$WORK/runtime"

if [ $# -gt 0 ]; then FILES=("$@"); else mapfile -t FILES < <(cd "$WORK/suite/tests" && ls test_*.py); fi
mkdir -p "$FOREIGN/crun/results"/{crun,tare-runtime}
for file in "${FILES[@]}"; do
    for runtime in "${RUNTIMES[@]}"; do
        echo "$file: $runtime" >&2
        program=$WORK/runtime
        [ "$runtime" = crun ] && program=/usr/bin/crun
        # A frozen group of version 1 that a test leaves would keep the pid namespace from ending.
        peers_run TMPDIR="$WORK" OCI_RUNTIME="$program" INIT="$WORK/init" bash -c 'cd "$1" && exec python3 "$2" bash -c "timeout --foreground $3 python3 tests/$4 >$5 2>&1; [ ! -e /sys/fs/cgroup/freezer/frozen ] || { echo THAWED >/sys/fs/cgroup/freezer/frozen/freezer.state; sleep 0.5; rmdir /sys/fs/cgroup/freezer/frozen; }"' \
            sh "$WORK/suite" "$WORK/terminal.py" "$LIMIT" "$file" "$WORK/tap" </dev/null || true
        cp "$WORK/tap" "$FOREIGN/crun/results/$runtime/$file.tap"
        rm "$WORK/tap"
    done
done

outcomes() { # runtime
    local file
    for file in "${FILES[@]}"; do
        sed -nE 's/^not ok [0-9]+ - (.*)$/fail\t\1/p; t; s/^ok [0-9]+ - (.*) #SKIP$/skip\t\1/p; t; s/^ok [0-9]+ - (.*)$/pass\t\1/p' "$FOREIGN/crun/results/$1/$file.tap" |
            awk -F'\t' -v file="$file" '{print file ": " $2 "\t" $1}'
    done
}
compare_outcomes crun <(outcomes crun) <(outcomes tare-runtime)
