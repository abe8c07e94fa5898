#!/usr/bin/env bash
# From a clean checkout to a shell in a Debian container: builds the programs, gets a debian image, runs a container from it.
# Usage: ./quickstart.sh          (root, or a user with sudo)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. eng/prepare.sh
. eng/clients.sh
. eng/image.sh

require_sdk
require_packages libnftables1 ca-certificates
programs_current || ./build.sh
tare() { as_root "$PWD/out/bin/tare" "$@"; }

tare version --format 'tare {{.Client.Version}}, daemon {{.Server.Version}}, kernel {{.Server.KernelVersion}}'
tare image inspect debian:latest >/dev/null 2>&1 || get_debian_image

if [ -t 0 ] && [ -t 1 ]; then
    echo "You are about to enter a Debian container; \"exit\" leaves it, and it is removed then."
    exec_tare run --rm -ti --hostname tare --memory 512m --pids-limit 256 debian:latest /bin/bash
fi

echo "No terminal here: a short tour of a container instead."
tare run --rm --hostname tare --memory 512m --cpus 1 --pids-limit 256 debian:latest /bin/sh -c '
    title() { printf "\n# %s\n" "$1"; }
    title "PID 1 is the command that the container runs, in a pid namespace of its own"
    printf "pid %s: %s\n" $$ "$(tr "\0\n" "  " < /proc/1/cmdline | cut -c1-60)"
    title "The hostname (uts namespace)"
    hostname
    title "The operating system of the image"
    . /etc/os-release; echo "$PRETTY_NAME"
    title "The mounts (mount namespace), the root being an overlay of the image layers and a thin writable layer"
    awk "{ printf \"%-24s %s\n\", \$2, \$3 }" /proc/self/mounts | head -12
    title "The limits in force (cgroups)"
    for f in memory/memory.limit_in_bytes memory.max cpu/cpu.cfs_quota_us cpu.max pids/pids.max pids.max; do
        [ -r /sys/fs/cgroup/$f ] && printf "%-30s %s\n" "$f" "$(cat /sys/fs/cgroup/$f)"
    done
    title "The writable layer: a file made here is gone with the container"
    echo hello > /hello && ls -l /hello
'
printf '\nNext: sudo %s/out/bin/tare run -ti debian /bin/bash\n' "$PWD"
