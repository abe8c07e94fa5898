#!/usr/bin/env bash
# Measures pull and push beside dockerd, podman and containerd, with docker-registry on loopback, and prints a table of medians and ratios; RESULTS-registry.md
# keeps the last one, row by row as they come.
# Usage: bench/registry.sh [RUNS]      (root; RUNS per measurement of one layer, 5 unless given; a third of it for 20 layers). Needs about 8 GB below the peers'
# root, and with 5 runs 20 minutes: dockerd compresses what it pushes anew each time, 800 MB in half a minute.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
NAME=registry
. bench/common.sh
RUNS=${1:-5}
FEW=$(((RUNS + 2) / 3))
# Where the peers see the images, too.
SID=$TARE_PEERS/sid
IMAGES=/var/tmp/bench-registry
FULL=127.0.0.1:5055 EMPTY=127.0.0.1:5056
RESULTS=$PWD/bench/RESULTS-registry.md
finish_more() { rm -rf "$SID$IMAGES" "$SID"/var/lib/{containerd,podman}-bench-registry; }

# Images in OCI layout, the same layers compressed by gzip and by zstd: files of the peers' and this machine's /usr. As many layers are compressed at once as there are processors.
make_images() { # name layers megabytes
    python3 - "$SID$IMAGES/$1" "$2" "$3" "$SID/usr" <<'PY'
import concurrent.futures, hashlib, io, json, os, subprocess, sys, tarfile
name, layers, size, bases = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) * 1000000, [sys.argv[4], '/usr']
forms = {'gzip': ['gzip', '-n', '-6'], 'zstd': ['zstd', '-3', '-q']}
for form in forms:
    os.makedirs(f'{name}-{form}/blobs/sha256')
def files():
    for base in bases:
        for directory, names, entries in os.walk(base):
            names.sort()
            for entry in sorted(entries):
                path = os.path.join(directory, entry)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path
def blob(form, data):
    digest = hashlib.sha256(data).hexdigest()
    open(f'{name}-{form}/blobs/sha256/{digest}', 'wb').write(data)
    return 'sha256:' + digest
source, archives = files(), []
for layer in range(layers):
    path, count = f'{name}.{layer}.tar', 0
    with tarfile.open(path, 'w', format=tarfile.PAX_FORMAT) as archive:
        while count < size:
            file = next(source)
            data = open(file, 'rb').read(20000000)
            entry = tarfile.TarInfo(f'l{layer}/' + file.lstrip('/'))
            entry.size, entry.mode, entry.mtime = len(data), 0o644, 1700000000
            archive.addfile(entry, io.BytesIO(data))
            count += len(data)
    archives.append(path)
def compress(job):
    form, path = job
    data = subprocess.run(forms[form] + ['-c', path], stdout=subprocess.PIPE, check=True).stdout
    return {'mediaType': 'application/vnd.oci.image.layer.v1.tar+' + form, 'digest': blob(form, data), 'size': len(data)}
diff_ids = ['sha256:' + hashlib.sha256(open(path, 'rb').read()).hexdigest() for path in archives]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for form in forms:
        descriptors = list(pool.map(compress, [(form, path) for path in archives]))
        config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['true']}, 'rootfs': {'type': 'layers', 'diff_ids': diff_ids}}).encode()
        manifest = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'layers': descriptors,
            'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', 'digest': blob(form, config), 'size': len(config)}}).encode()
        json.dump({'schemaVersion': 2, 'manifests': [{'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'digest': blob(form, manifest), 'size': len(manifest)}]},
            open(f'{name}-{form}/index.json', 'w'))
        open(f'{name}-{form}/oci-layout', 'w').write('{"imageLayoutVersion":"1.0.0"}')
for path in archives:
    os.remove(path)
PY
}

start_registry() { # host name
    printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$DATA/$2" "$1" >"$WORK/$2.yml"
    "$TARE_CLIENTS/root/usr/bin/docker-registry" serve "$WORK/$2.yml" >"$WORK/$2.log" 2>&1 &
    echo $! >"$WORK/$2.pid"
}

CLOCK='sync; start=$(date +%s%N); "$@" >/dev/null || exit 1; echo $((($(date +%s%N) - start) / 1000000))'
milliseconds() { sh -c "$CLOCK" sh "$@"; }
# The clock starts inside, so that entering the peers' root counts for nothing.
peer_milliseconds() { peers_enter sh -c "$CLOCK" sh "$@"; }

PODMAN="env PODMAN_IGNORE_CGROUPSV1_WARNING=1 podman --root /var/lib/podman-bench-registry --runroot $WORK/podman"
CTR="ctr --address $WORK/containerd.sock"
# Each engine's way to pull, push and forget; the first two tell how long it took.
pull_tared() { milliseconds "$DOCKER" -H "$OURS" pull -q "$1"; }
push_tared() { "$DOCKER" -H "$OURS" tag "$1" "$2" && milliseconds "$DOCKER" -H "$OURS" push -q "$2"; }
forget_tared() { "$DOCKER" -H "$OURS" rmi -f "$@"; }
pull_dockerd() { milliseconds "$DOCKER" -H "$THEIRS" pull -q "$1"; }
push_dockerd() { "$DOCKER" -H "$THEIRS" tag "$1" "$2" && milliseconds "$DOCKER" -H "$THEIRS" push -q "$2"; }
forget_dockerd() { "$DOCKER" -H "$THEIRS" rmi -f "$@"; }
pull_podman() { peer_milliseconds $PODMAN pull -q --tls-verify=false "$1"; }
push_podman() { peer_milliseconds $PODMAN push -q --tls-verify=false "$1" "$2"; }
forget_podman() { peers_enter $PODMAN rmi -f "$1"; }
pull_containerd() { peer_milliseconds $CTR images pull --plain-http "$1"; }
push_containerd() { peers_enter $CTR images tag --force "$1" "$2" >/dev/null && peer_milliseconds $CTR images push --plain-http "$2"; }
forget_containerd() { peers_enter $CTR images rm --sync "$@"; }

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR == 0) ? "-" : (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

pulls() { # engine image runs
    local run
    for run in $(seq "$3"); do
        "pull_$1" "$FULL/$2:v1"
        [ "$run" = "$3" ] || "forget_$1" "$FULL/$2:v1" >/dev/null
    done | median
}

# Each to a registry that has nothing: the store is emptied between.
pushes() { # engine image runs
    local run
    for run in $(seq "$3"); do
        rm -rf "$DATA/empty"
        "push_$1" "$FULL/$2:v1" "$EMPTY/$2:v1"
    done | median
    "forget_$1" "$FULL/$2:v1" "$EMPTY/$2:v1" >/dev/null
}

engines_row() { # what, then the milliseconds of tared, dockerd, podman, containerd
    awk -v w="$1" -v o="$2" -v d="$3" -v p="$4" -v c="$5" \
        'function ms(t) { return t == "-" ? "-" : sprintf("%d ms", t) }
        BEGIN { r = o / d; printf "| %s | %s | %s | %s | %s | %.2f | 0.5 | %s |\n", w, ms(o), ms(d), ms(p), ms(c), r, (r <= 0.5 ? "met" : "missed") }' | tee -a "$RESULTS"
}

mkdir -p "$SID$IMAGES"
start_registry "$FULL" full
start_registry "$EMPTY" empty
start_engines
peers_enter sh -c 'echo $$ >"$1/containerd.pid"; exec containerd --root /var/lib/containerd-bench-registry --state /run/containerd-bench-registry --address "$1/containerd.sock"' \
    sh "$WORK" >"$WORK/containerd.log" 2>&1 &
for _ in $(seq 200); do peers_enter $CTR version >/dev/null 2>&1 && break; sleep 0.1; done
{
    echo '# Results: registries'
    echo
    echo "Written by \`bench/registry.sh\`. Medians of $RUNS for one layer, of $FEW for twenty; $(about_run)," \
        "$(peers_enter podman --version), $(peers_enter containerd --version | awk '{ print "containerd " $3 }'); docker-registry on loopback. The ratio is Tare's to dockerd's."
    echo
    echo '| registry | Tare | dockerd | podman | containerd | ratio | bar | |'
    echo '|---|---|---|---|---|---|---|---|'
} | tee "$RESULTS"
for images in "one 1 200 $RUNS" "twenty 20 40 $FEW"; do
    read -r name layers size runs <<<"$images"
    make_images "$name" "$layers" "$size"
    for form in gzip zstd; do
        peers_enter skopeo copy -q --preserve-digests --dest-tls-verify=false "oci:$IMAGES/$name-$form" "docker://$FULL/$name-$form:v1"
        rm -rf "${SID:?}$IMAGES/$name-$form"
        pulled=() pushed=()
        for engine in tared dockerd podman containerd; do
            pulled+=("$(pulls "$engine" "$name-$form" "$runs")")
            pushed+=("$(pushes "$engine" "$name-$form" "$runs")")
        done
        engines_row "pull of $layers × $size MB, $form" "${pulled[@]}"
        engines_row "push of $layers × $size MB, $form" "${pushed[@]}"
    done
done
awk '/VmHWM/ { printf "\nPeak memory of tared: %d MiB\n", $2 / 1024 }' "/proc/$(cat "$WORK/tared.pid")/status" | tee -a "$RESULTS"
