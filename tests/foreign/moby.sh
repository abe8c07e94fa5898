#!/usr/bin/env bash
# Runs moby's own integration tests of the Docker Engine API against the genuine dockerd and against tared, and prints each test whose outcome differs.
# The tests come from Debian's source package of docker.io, the Go compiler and the libraries from Debian's packages; all is kept below ${XDG_CACHE_HOME:-$HOME/.cache}/tare/foreign/moby
# (4 GB, and ten minutes the first time). Nothing is installed. Needs root and a Debian mirror.
# Usage: tests/foreign/moby.sh [--run REGEX] [--ours] [container] [volume] [image] [system] [session] [capabilities] [daemon] [networking]
#   --run REGEX   only tests of that name, as for go test
#   --ours        leaves out the genuine dockerd, of which the last outcome of each suite is remembered
# Without names of suites: session, system, volume, image, capabilities and container.
# The exit status is 1 where a test passes against dockerd and does not against tared. What each engine printed is in results/ENGINE-SUITE.log of the cache.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. eng/prepare.sh
. eng/clients.sh
. eng/peers.sh
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/tare/foreign/moby
RESULTS=$CACHE/results

pattern=. ours_only= suites=()
while [ $# -gt 0 ]; do
    case $1 in
    --run) pattern=$2; shift ;;
    --ours) ours_only=1 ;;
    -*) echo "unknown option $1" >&2; exit 2 ;;
    *) suites+=("$1") ;;
    esac
    shift
done
[ ${#suites[@]} -gt 0 ] || suites=(session system volume image capabilities container)
[ "$(id -u)" = 0 ] || { echo "$0 needs root" >&2; exit 1; }

apt_sid() { # apt-get or apt-cache, arguments: on an index of its own, as if nothing were installed
    local program=$1 apt=$CACHE/apt; shift
    "$program" -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" \
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Languages=none "$@"
}

# Leaves the engine's source, with Debian's patches, and everything that it imports in a GOPATH of its own.
fetch() {
    [ -e "$CACHE/fetched-1" ] && return 0
    require_packages curl patch xz-utils dpkg-dev
    local apt=$CACHE/apt engine=$CACHE/go/usr/share/gocode/src/github.com/docker/docker type uri file package
    rm -rf "$apt" "$CACHE/packages" "$CACHE/go" "$CACHE/source" "$CACHE/programs"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$CACHE/packages" "$CACHE/go" "$CACHE/source"
    : >"$apt/status"
    for type in deb deb-src; do echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) sid main"; done >"$apt/sources.list"
    apt_sid apt-get update >/dev/null
    # Of the source package only the engine and Debian's patches are needed.
    apt_sid apt-get source --print-uris docker.io >"$CACHE/source/uris"
    for file in 'dfsg[0-9]*\.orig\.tar' 'debian\.tar'; do
        uri=$(sed -n "s/^'\([^']*$file\.[a-z]*\)'.*/\1/p" "$CACHE/source/uris")
        curl -fsS "$uri" | tar -xJ -C "$CACHE/source"
    done
    # The libraries are those that the package is built with; what is not written in Go is not needed, since cgo is off.
    local wanted
    mapfile -t wanted < <(sed -n '/^Build-Depends:/,/^[A-Z][a-z]*:/p' "$CACHE/source/debian/control" | grep -v '^#' | tr ',|' '\n\n' | sed 's/(.*//; s/^Build-Depends://' | tr -d ' \t' | grep '^golang-' | grep -v '^golang-any')
    apt_sid apt-get install --print-uris golang-go golang-github-docker-docker-dev "${wanted[@]}" | awk '/^\x27/ { sub(/_.*/, "", $2); print $2 }' | grep '^golang-' | grep -vx golang-golang-x-tools >"$CACHE/wanted"
    mapfile -t wanted <"$CACHE/wanted"
    (cd "$CACHE/packages" && apt_sid apt-get download "${wanted[@]}" >/dev/null)
    for package in "$CACHE"/packages/*.deb; do dpkg-deb -x "$package" "$CACHE/go"; done
    # The library's package leaves out the tests, and the programs' own packages.
    rm -rf "$engine"
    cp -r "$CACHE"/source/moby-*/engine "$engine"
    sed 's/#.*//' "$CACHE/source/debian/patches/series" | while read -r file; do
        [ -n "$file" ] && grep -qE '^\+\+\+ [^/]*/engine/' "$CACHE/source/debian/patches/$file" || continue
        patch -d "$engine" -p2 -s -N -r - --no-backup-if-mismatch <"$CACHE/source/debian/patches/$file"
    done
    rm -rf "$CACHE/packages"
    touch "$CACHE/fetched-1"
}

golang() {
    local root
    root=$(echo "$CACHE"/go/usr/lib/go-1.*)
    env GOROOT="$root" GOPATH="$CACHE/go/usr/share/gocode" GO111MODULE=off GOFLAGS= GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE="$CACHE/go-build" "${@:2}" "$root/bin/go" ${1}
}

build() {
    local suite
    mkdir -p "$CACHE/programs" "$CACHE/hello"
    for suite in "${suites[@]}"; do
        [ -x "$CACHE/programs/${suite//\//-}.test" ] && continue
        echo "building $suite" >&2
        (cd "$CACHE/go/usr/share/gocode/src/github.com/docker/docker/integration" && golang "test -c -vet=off -o $CACHE/programs/${suite//\//-}.test ./$suite")
    done
    [ -x "$CACHE/hello/arm64" ] && return
    printf 'package main\n\nfunc main() { println("Hello from Docker!") }\n' >"$CACHE/hello/main.go"
    for suite in amd64 arm64; do (cd "$CACHE/hello" && golang "build -o $suite main.go" GOARCH=$suite); done
}

# Name and outcome of every test of a log; a test that began and has no outcome did not end.
outcomes() {
    awk '/^=== RUN/ { seen[$3] = "unfinished" } /^ *--- (PASS|FAIL|SKIP): / { sub(/:/, "", $2); seen[$3] = $2 } /^panic: / { print "panic:", $0 > "/dev/stderr" } END { for (name in seen) print name, seen[name] }' "$1" | sort
}

compare() {
    local suite log differ=0
    for suite in "${suites[@]}"; do
        log=${suite//\//-}
        outcomes "$RESULTS/dockerd-$log.log" >"$RESULTS/dockerd-$log.txt"
        outcomes "$RESULTS/tared-$log.log" >"$RESULTS/tared-$log.txt"
        echo "== $suite: dockerd passes $(grep -c ' PASS$' "$RESULTS/dockerd-$log.txt"), tared passes $(grep -c ' PASS$' "$RESULTS/tared-$log.txt")"
        join -a 1 -a 2 -e absent -o 0,1.2,2.2 "$RESULTS/dockerd-$log.txt" "$RESULTS/tared-$log.txt" | awk -v part="$([ "$pattern" = . ] || echo 1)" 'part && ($2 == "absent" || $3 == "absent") { next } $2 != $3 { print "  " $1 ": dockerd " $2 ", tared " $3 } $2 == "PASS" && $3 != "PASS" { bad = 1 } END { exit bad }' || differ=1
    done
    return $differ
}

require_packages busybox-static iproute2 procps libnftables1
require_clients
[ -n "$ours_only" ] || peers_setup
fetch
build
WORK=$(mktemp -d /tmp/tare-foreign.XXXXXX)
finish() {
    rm -rf "$WORK" "$CACHE/data" "$TARE_PEERS/sid/var/lib/docker-foreign"
}
trap finish EXIT
mkdir -p "$WORK"/{dockerd,tared}/{bin,dest,tmp} "$WORK/programs" "$WORK/images" "$RESULTS" "$CACHE/data"
cp -r "$CACHE/go/usr/share/gocode/src/github.com/docker/docker/integration" "$WORK/integration"
for suite in "${suites[@]}"; do cp "$CACHE/programs/${suite//\//-}.test" "$WORK/programs/"; done
cp tests/foreign/run-suites.sh /bin/busybox "$CACHE"/hello/{amd64,arm64} "$WORK/"
cp "$TARE_CLIENTS/root/usr/bin/docker" "$WORK/docker"
# The tests start daemons of their own by the name dockerd. containerd is a matter of dockerd alone, so its flags go.
cat >"$WORK/tared/bin/dockerd" <<END
#!/bin/bash
arguments=()
while [ \$# -gt 0 ]; do
    case \$1 in --containerd*=*) ;; --containerd*) shift ;; *) arguments+=("\$1") ;; esac
    shift
done
exec "$PWD/out/bin/tared" "\${arguments[@]}"
END
chmod +x "$WORK/tared/bin/dockerd"

# What the tests leave running ends with the process namespace, what they leave mounted with the mount namespace.
inner=(bash "$WORK/run-suites.sh" "$WORK" "$pattern")
if [ -z "$ours_only" ]; then
    # shellcheck disable=SC2016
    TARE_PEERS=$TARE_PEERS unshare --net --pid --fork --kill-child -- bash -c 'set -euo pipefail; . eng/peers.sh; ip link set lo up; peers_enter "$@"' sh "${inner[@]}" dockerd /var/lib/docker-foreign "${suites[@]}"
fi
unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- sh -c 'ip link set lo up && "$@"' sh "${inner[@]}" tared "$CACHE/data" "${suites[@]}"
cp "$WORK"/{dockerd,tared}/*.log "$RESULTS/" 2>/dev/null || true
compare
