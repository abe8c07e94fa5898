# Today's peers in a Debian sid root of their own: dockerd, containerd, runc, crun, podman, buildah, skopeo, umoci and the docker CLI. Tests and benchmarks
# share it. Sourced, not run; needs eng/prepare.sh and eng/clients.sh.
TARE_PEERS=${TARE_PEERS:-/var/lib/tare-peers}

peers_ready() {
    local program
    for program in docker dockerd containerd ctr runc crun podman buildah skopeo conmon netavark hyperfine criu umoci; do
        [ -x "$TARE_PEERS/sid/usr/bin/$program" ] || [ -x "$TARE_PEERS/sid/usr/sbin/$program" ] || [ -x "$TARE_PEERS/sid/usr/lib/podman/$program" ] || return 1
    done
}

# Makes the root where it does not stand yet, or adds what is missing in it: about 1.5 GB and three minutes; needs root and a Debian mirror.
# It is made beside its place and renamed, so that a run that was cut short leaves nothing that looks finished.
peers_setup() {
    # The root shares /tmp with the machine: below it, the root would show itself its own mounts a second time.
    case $TARE_PEERS/ in /tmp/*) echo "TARE_PEERS is \"$TARE_PEERS\": it must not be below /tmp" >&2; return 1 ;; esac
    peers_ready && return 0
    local root=$TARE_PEERS/sid making=$TARE_PEERS/sid.making
    mkdir -p "$TARE_PEERS"
    echo "setting up Debian sid with the peers in $root" >&2
    if [ ! -x "$root/usr/bin/apt-get" ]; then
        require_packages debootstrap
        rm -rf "$making"
        debootstrap --variant=minbase --include=ca-certificates,iptables,nftables,iproute2,procps sid "$making" "$(debian_mirror)" >"$TARE_PEERS/debootstrap.log" 2>&1 ||
            { tail -5 "$TARE_PEERS/debootstrap.log" >&2; return 1; }
        # Nobody starts services in the root, and nobody misses it after a power cut.
        printf '#!/bin/sh\nexit 101\n' >"$making/usr/sbin/policy-rc.d"
        chmod +x "$making/usr/sbin/policy-rc.d"
        printf 'force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n' >"$making/etc/dpkg/dpkg.cfg.d/tare"
        mv "$making" "$root"
    fi
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    # The lists of a root that stands for long name packages that the mirror has no more; a mirror that has not been refreshed for a week will do.
    chroot "$root" sh -c 'apt-get update -q -o Acquire::Check-Valid-Until=false && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        docker.io docker-cli containerd runc crun podman buildah skopeo conmon netavark hyperfine criu umoci && apt-get clean' >"$TARE_PEERS/install.log" 2>&1 ||
        { tail -5 "$TARE_PEERS/install.log" >&2; return 1; }
    peers_ready || { echo "programs are missing in $root, see $TARE_PEERS/install.log" >&2; return 1; }
}

# The same for scripts that need not run as root.
require_peers() {
    peers_ready || as_root env PATH="$PATH" TARE_PEERS="$TARE_PEERS" DEBIAN_MIRROR="$(debian_mirror)" bash -c 'set -euo pipefail; . eng/prepare.sh; . eng/clients.sh; . eng/peers.sh; peers_setup'
}

# Runs a command with the peers' root as its root, in a private mount namespace; /tmp is shared with the machine. The cgroup2 hierarchy
# beside cgroup v1 controllers is hidden from it, since crun refuses that layout.
peers_enter() {
    unshare -m --propagation private -- /bin/sh -c '
        root=$1; shift
        mkdir -p "$root/.old"
        mount --rbind "$root" "$root" && mount -t proc proc "$root/proc" && mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" &&
            mount --rbind /tmp "$root/tmp" && mount -t tmpfs tmpfs "$root/run" || exit 1
        if mountpoint -q "$root/sys/fs/cgroup/unified"; then umount -l "$root/sys/fs/cgroup/unified"; fi
        cd "$root" && pivot_root . .old && cd / && umount -l /.old && exec "$@"' sh "$TARE_PEERS/sid" "$@"
}
