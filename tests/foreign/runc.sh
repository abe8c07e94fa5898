#!/usr/bin/env bash
# Runs runc's own integration tests (bats), once with runc and once with tare-runtime, and prints what differs. Needs root and a Debian mirror.
# Usage: tests/foreign/runc.sh [--ours] [exec.bats …]
#   --ours      do not run runc again: compare with its last results
# The suite comes from Debian's source package, runs in the root of eng/peers.sh, and uses root file systems made of Debian's packages in place of downloaded ones.
# Each file of tests has a terminal of its own, since runc wants one for "run", and a pid namespace, so that nothing of it stays.
# Results (TAP, with the output of what failed) stay in ~/.cache/tare/foreign/runc/results. Exits with 1 when a test that runc passes fails with tare-runtime.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "$0")")/../.."
. eng/prepare.sh
. eng/clients.sh
. eng/peers.sh
. tests/foreign/runtimes.sh
[ "$(id -u)" = 0 ] || { echo "tests/foreign/runc.sh needs root: it runs containers" >&2; exit 1; }
[ -x out/bin/tare-runtime ] || { echo "out/bin/tare-runtime is missing: ./build.sh makes it" >&2; exit 1; }
RUNTIMES=(runc tare-runtime)
[ "${1:-}" = --ours ] && { RUNTIMES=(tare-runtime); shift; }
# How long the tests of one file may take, in seconds.
LIMIT=${TARE_FOREIGN_SECONDS:-600}

peers_setup
mkdir -p "$FOREIGN"
require_packages debootstrap jq
peers_install bats jq gawk python3 golang-go gcc libc6-dev libseccomp-dev pkg-config busybox-static uidmap xz-utils bc golang-dbus-dev golang-github-containerd-console-dev \
    golang-github-coreos-go-systemd-dev golang-github-cyphar-filepath-securejoin-dev golang-github-moby-sys-dev golang-github-mrunalp-fileutils-dev \
    golang-github-opencontainers-cgroups-dev golang-github-opencontainers-selinux-dev golang-github-opencontainers-specs-dev \
    golang-github-seccomp-libseccomp-golang-dev golang-github-sirupsen-logrus-dev golang-github-urfave-cli-dev golang-github-vishvananda-netlink-dev \
    golang-golang-x-net-dev golang-google-protobuf-dev golang-gocapability-dev
fetch_source runc
busybox_image "$FOREIGN/busybox.tar"
debian_image "$FOREIGN/debian.tar"

# The root shares /tmp with the machine.
WORK=$(mktemp -d)
chmod 755 "$WORK"
trap 'rm -rf "$WORK"' EXIT
cp -a "$FOREIGN/runc/source" "$WORK/suite"
cp out/bin/tare-runtime tests/foreign/terminal.py "$WORK"
ln "$FOREIGN/busybox.tar" "$FOREIGN/debian.tar" "$WORK" 2>/dev/null || cp "$FOREIGN/busybox.tar" "$FOREIGN/debian.tar" "$WORK"
# Where it fails, processes that it leaves keep bats waiting.
sed -i '/^@test "checkpoint --lazy-pages and restore"/a skip "not run here"' "$WORK/suite/tests/integration/checkpoint.bats"
# Its receiver of terminals needs a moment, for which a runtime that starts faster than runc must not be blamed.
sed -i 's#^\t("$TESTBINDIR/recvtty".*#&\n\tretry 100 0.1 test -S "$CONSOLE_SOCKET"#' "$WORK/suite/tests/integration/helpers.bash"
# Only what is mounted counts as a controller here.
sed -i 's#/proc/cgroups)#/proc/cgroups | while read -r c; do [ ! -d "/sys/fs/cgroup/$c" ] || echo "$c"; done)#' "$WORK/suite/tests/integration/helpers.bash"
printf '#!/bin/sh\necho "BUSYBOX_IMAGE=%s"\necho "DEBIAN_IMAGE=%s"\n' "$WORK/busybox.tar" "$WORK/debian.tar" >"$WORK/suite/tests/integration/get-images.sh"

if [ ! -e "$FOREIGN/runc/programs" ]; then
    echo "building the suite's helper programs" >&2
    peers_enter bash -euc 'export GOPATH=$1/go GO111MODULE=off GOCACHE=$1/go/cache GOFLAGS=-tags=seccomp
        mkdir -p "$1/go/src/github.com/opencontainers" "$1/programs"
        ln -s "$1/suite" "$1/go/src/github.com/opencontainers/runc"
        export GOPATH=$GOPATH:/usr/share/gocode
        cd "$1/go/src/github.com/opencontainers/runc"
        for program in tests/cmd/*/; do go build -o "$1/programs/" "./$program" || echo "not built: $program" >&2; done' sh "$WORK"
    cp -a "$WORK/programs" "$FOREIGN/runc/programs"
    rm -rf "$WORK/go"
fi
cp -a "$FOREIGN/runc/programs" "$WORK/suite/tests/cmd/_bin"

if [ $# -gt 0 ]; then FILES=("$@"); else mapfile -t FILES < <(cd "$WORK/suite/tests/integration" && ls ./*.bats | sed 's,^\./,,'); fi
mkdir -p "$FOREIGN/runc/results"/{runc,tare-runtime}
for file in "${FILES[@]}"; do
    for runtime in "${RUNTIMES[@]}"; do
        echo "$file: $runtime" >&2
        program=$WORK/tare-runtime
        [ "$runtime" = runc ] && program=/usr/sbin/runc
        HYBRID=1 peers_run TMPDIR="$WORK" RUNC="$program" bash -c 'cd "$1" && exec python3 "$2" bash -c "exec timeout --foreground $3 bats --tap $4 >$5 2>&1"' \
            sh "$WORK/suite/tests/integration" "$WORK/terminal.py" "$LIMIT" "$file" "$WORK/tap" </dev/null || true
        cp "$WORK/tap" "$FOREIGN/runc/results/$runtime/$file.tap"
        rm "$WORK/tap"
    done
done

# One line for each test: "file: name" and what came of it.
outcomes() { # runtime
    local file
    for file in "${FILES[@]}"; do
        sed -nE 's/^not ok [0-9]+ (.*)$/fail\t\1/p; s/^ok [0-9]+ (.*) # skip ?(.*)$/skip\t\1/p; t; s/^ok [0-9]+ (.*)$/pass\t\1/p' "$FOREIGN/runc/results/$1/$file.tap" |
            sed -E 's/ # timeout.*//; s/ in [0-9]+ms$//' | awk -F'\t' -v file="$file" '{print file ": " $2 "\t" $1}'
    done
}
compare_outcomes runc <(outcomes runc) <(outcomes tare-runtime)
