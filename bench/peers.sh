# Today's peers in a Debian sid root of their own: dockerd, containerd, runc, crun, and the docker CLI. Sourced, not run; needs eng/prepare.sh and eng/clients.sh.
TARE_PEERS=${TARE_PEERS:-/var/lib/tare-peers}

# Makes the root where it does not stand yet: about 2 GB and two minutes.
peers_setup() {
    local root=$TARE_PEERS/sid
    if [ -x "$root/usr/bin/crun" ] && [ -x "$root/usr/sbin/dockerd" ] && [ -x "$root/usr/bin/hyperfine" ]; then return 0; fi
    require_packages debootstrap
    mkdir -p "$TARE_PEERS"
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates,iptables,nftables,iproute2,procps sid "$root" "$(debian_mirror)" >"$TARE_PEERS/debootstrap.log"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        docker.io docker-cli containerd runc crun hyperfine >"$TARE_PEERS/install.log" 2>&1
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
