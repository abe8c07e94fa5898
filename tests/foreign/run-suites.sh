#!/usr/bin/env bash
# Starts one engine and runs compiled test suites of Go against it, one after the other. Called by moby.sh inside namespaces of its own, for dockerd with another root:
# everything that it needs lies in the given folder.
# Usage: run-suites.sh FOLDER PATTERN dockerd|tared DATA-ROOT SUITE...
set -euo pipefail
work=$1 pattern=$2 engine=$3 data=$4
shift 4
own=$work/$engine
host=unix://$own/docker.sock
export PATH=$own/bin:$PATH

# Images in the place of those that the tests would download. Each has a label of its own, so that no two names are one image.
import_images() {
    local root=$own/images name applet
    mkdir -p "$root"/busybox/{bin,etc,tmp,proc,sys,dev,root,home,var/spool/mail} "$root"/hello-{amd64,arm64}
    cp "$work/busybox" "$root/busybox/bin/"
    for applet in $("$work/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/busybox/bin/$applet"; done
    chmod 1777 "$root/busybox/tmp"
    printf 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >"$root/busybox/etc/passwd"
    printf 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\nmail:x:8:\nwww-data:x:33:\nnobody:x:65534:\n' >"$root/busybox/etc/group"
    for name in amd64 arm64; do cp "$work/$name" "$root/hello-$name/hello"; done
    for name in busybox:latest busybox:glibc debian:bookworm-slim; do
        tar -C "$root/busybox" --owner=0 --group=0 -c . | "$work/docker" -H "$host" import -c 'CMD ["sh"]' -c "LABEL stand-in=$name" - "$name" >/dev/null
    done
    for name in amd64 arm64 frozen; do
        tar -C "$root/hello-${name/frozen/amd64}" --owner=0 --group=0 -c . |
            "$work/docker" -H "$host" import --platform "linux/${name/frozen/amd64}" -c 'CMD ["/hello"]' -c "LABEL stand-in=$name" - "hello-world:$name" >/dev/null
    done
}

# A bridge of the daemon's own: those that the tests start have the default one.
own_bridge=()
[ "$engine" = dockerd ] || own_bridge=(--bridge foreign0 --bip 10.213.1.1/24 --exec-root "$own/exec")
dockerd --data-root "$data" -H "$host" --pidfile "$own/pid" "${own_bridge[@]}" >"$own/$engine.daemon.log" 2>&1 &
pid=$!
for _ in $(seq 200); do
    "$work/docker" -H "$host" version >/dev/null 2>&1 && break
    sleep 0.1
done
import_images
for suite in "$@"; do
    name=${suite//\//-}
    echo "$engine: $suite" >&2
    (cd "$work/integration/$suite" && DOCKER_HOST=$host DEST=$own/dest TMPDIR=$own/tmp timeout 1200 "$work/programs/$name.test" -test.v -test.timeout 18m -test.run "$pattern") >"$own/$engine-$name.log" 2>&1 || true
done
kill "$pid"
wait "$pid" || true
