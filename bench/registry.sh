#!/usr/bin/env bash
# Measures pull and push beside dockerd, with docker-registry on loopback, and prints a table of medians and ratios.
# Usage: bench/registry.sh [RUNS]      (root; RUNS per measurement, 5 unless given). Needs about 5 GB below the peers' root.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. eng/prepare.sh
. eng/image.sh
. eng/clients.sh
. eng/peers.sh

if [ -z "${TARE_BENCH_INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "bench/registry.sh needs root" >&2; exit 1; }
    require_packages jq python3 zstd iproute2
    require_clients
    peers_setup
    programs_current || ./build.sh
    TARE_BENCH_INSIDE=1 exec unshare --mount --net --propagation private -- "$0" "$@"
fi
ip link set lo up
RUNS=${1:-5}
WORK=$(mktemp -d /tmp/tare-bench.XXXXXX)
# On the disk, not in memory: what is measured writes files.
DATA=$TARE_PEERS/bench-registry
DOCKER=$TARE_PEERS/sid/usr/bin/docker
THEIRS=unix://$WORK/docker.sock OURS=unix://$WORK/tare.sock
FULL=127.0.0.1:5055 EMPTY=127.0.0.1:5056

finish() {
    for pid in "$WORK"/*.pid; do kill "$(cat "$pid")" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$WORK" "$DATA" "$TARE_PEERS/sid/var/lib/docker-bench-registry"
}
trap finish EXIT

# An image in OCI layout: files of this machine's and the peers' /usr in layers of a size.
make_image() { # folder layers megabytes compression
    python3 - "$@" <<'PY'
import hashlib, io, json, os, subprocess, sys, tarfile
folder, layers, size, compression = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) * 1000000, sys.argv[4]
os.makedirs(folder + '/blobs/sha256')
def files():
    for base in (os.environ.get('TARE_PEERS', '/var/lib/tare-peers') + '/sid/usr', '/usr'):
        for directory, names, entries in os.walk(base):
            names.sort()
            for name in sorted(entries):
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path
def blob(data):
    digest = hashlib.sha256(data).hexdigest()
    open(f'{folder}/blobs/sha256/{digest}', 'wb').write(data)
    return 'sha256:' + digest
source, descriptors, diff_ids = files(), [], []
for layer in range(layers):
    buffer, count = io.BytesIO(), 0
    archive = tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT)
    while count < size:
        path = next(source)
        data = open(path, 'rb').read(20000000)
        entry = tarfile.TarInfo(f'l{layer}/' + path.lstrip('/'))
        entry.size, entry.mode, entry.mtime = len(data), 0o644, 1700000000
        archive.addfile(entry, io.BytesIO(data))
        count += len(data)
    archive.close()
    raw = buffer.getvalue()
    diff_ids.append('sha256:' + hashlib.sha256(raw).hexdigest())
    command = ['gzip', '-n', '-6'] if compression == 'gzip' else ['zstd', '-3', '-q']
    data = subprocess.run(command, input=raw, stdout=subprocess.PIPE, check=True).stdout
    descriptors.append({'mediaType': 'application/vnd.oci.image.layer.v1.tar+' + compression, 'digest': blob(data), 'size': len(data)})
config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['true']}, 'rootfs': {'type': 'layers', 'diff_ids': diff_ids}}).encode()
manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'layers': descriptors,
    'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', 'digest': blob(config), 'size': len(config)}}).encode()
json.dump({'schemaVersion': 2, 'manifests': [{'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'digest': blob(manifest), 'size': len(manifest)}]}, open(folder + '/index.json', 'w'))
open(folder + '/oci-layout', 'w').write('{"imageLayoutVersion":"1.0.0"}')
PY
}

start_registry() { # host name
    printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$DATA/$2" "$1" >"$WORK/$2.yml"
    "$TARE_CLIENTS/root/usr/bin/docker-registry" serve "$WORK/$2.yml" >"$WORK/$2.log" 2>&1 &
    echo $! >"$WORK/$2.pid"
}

milliseconds() { # command
    local start end
    sync
    start=$(date +%s%N)
    "$@" >/dev/null
    end=$(date +%s%N)
    echo $(((end - start) / 1000000))
}

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

pulls() { # daemon image
    local run
    for run in $(seq "$RUNS"); do
        milliseconds "$DOCKER" -H "$1" pull -q "$FULL/$2:v1"
        [ "$run" = "$RUNS" ] || "$DOCKER" -H "$1" rmi -f "$FULL/$2:v1" >/dev/null
    done | median
}

# Each to a registry that has nothing: the store is emptied between.
pushes() { # daemon image
    local run
    "$DOCKER" -H "$1" tag "$FULL/$2:v1" "$EMPTY/$2:v1"
    for run in $(seq "$RUNS"); do
        rm -rf "$DATA/empty"
        milliseconds "$DOCKER" -H "$1" push -q "$EMPTY/$2:v1"
    done | median
    "$DOCKER" -H "$1" rmi -f "$FULL/$2:v1" "$EMPTY/$2:v1" >/dev/null
}

row() { awk -v w="$1" -v o="$2" -v p="$3" 'BEGIN { r = o / p; printf "| %s | %d ms | %d ms | %.2f | 0.5 | %s |\n", w, o, p, r, (r <= 0.5 ? "met" : "missed") }'; }

mkdir -p "$DATA"
start_registry "$FULL" full
start_registry "$EMPTY" empty
peers_enter dockerd --data-root /var/lib/docker-bench-registry --exec-root /run/docker-bench-registry -H "$THEIRS" --pidfile "$WORK/docker.pid" >"$WORK/dockerd.log" 2>&1 &
out/bin/tared -H "$OURS" --data-root "$DATA/tare" --exec-root "$WORK/exec" --pidfile "$WORK/tared.pid" --bridge tare-bench --bip 10.213.0.1/24 >"$WORK/tared.log" 2>&1 &
for host in "$THEIRS" "$OURS"; do
    for _ in $(seq 100); do "$DOCKER" -H "$host" version >/dev/null 2>&1 && break; sleep 0.1; done
done
echo "Medians of $RUNS; $(date -u +%F), $(uname -sr), $(nproc) cores; $("$DOCKER" --version | cut -d, -f1), docker-registry on loopback"
echo
echo '| registry | Tare | dockerd | ratio | bar | |'
echo '|---|---|---|---|---|---|'
for image in 'one-gzip 1 200 gzip' 'one-zstd 1 200 zstd' 'twenty-gzip 20 40 gzip' 'twenty-zstd 20 40 zstd'; do
    read -r name layers size compression <<<"$image"
    make_image "$WORK/$name" "$layers" "$size" "$compression"
    peers_enter skopeo copy -q --preserve-digests --dest-tls-verify=false "oci:$WORK/$name" "docker://$FULL/$name:v1"
    rm -rf "${WORK:?}/$name"
    theirs=$(pulls "$THEIRS" "$name")
    row "pull of $layers × $size MB, $compression" "$(pulls "$OURS" "$name")" "$theirs"
    theirs=$(pushes "$THEIRS" "$name")
    row "push of $layers × $size MB, $compression" "$(pushes "$OURS" "$name")" "$theirs"
done
awk '/VmHWM/ { printf "\nPeak memory of tared: %d MiB\n", $2 / 1024 }' "/proc/$(cat "$WORK/tared.pid")/status"
