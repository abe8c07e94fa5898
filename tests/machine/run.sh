#!/usr/bin/env bash
# Runs test programs on a stock Debian kernel: systemd, cgroup v2 alone, AppArmor, every capability, project quotas on the root file system.
# The machine is an emulated one (QEMU, no KVM needed): about ten times slower than this one, so name the classes that matter.
# Usage: tests/machine/run.sh [integration|conformance] -- --filter-class "*RuntimeMount*"
# The programs in out/bin and the test programs below artifacts are run as they are: ./build.sh and ./test.sh make them. Root; 3 GB in the cache folder.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
. eng/prepare.sh
. eng/clients.sh
SUITE=${1:-integration}
[ $# -gt 0 ] && shift
[ "${1:-}" = -- ] && shift
case $SUITE in integration) PROGRAM=Tare.IntegrationTests ;; conformance) PROGRAM=Tare.ConformanceTests ;; *) echo "unknown suite \"$SUITE\": integration, conformance" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo "tests/machine/run.sh needs root: it makes a Debian root" >&2; exit 1; }
CACHE=${TARE_MACHINE:-${XDG_CACHE_HOME:-$HOME/.cache}/tare/machine}
ROOT=$CACHE/root
# How long the machine may live, in seconds.
LIMIT=${TARE_MACHINE_SECONDS:-3600}
PACKAGES=systemd-sysv,dbus,udev,iproute2,nftables,libnftables1,procps,util-linux,busybox-static,strace,faketime,uidmap,kmod,ca-certificates,python3-docker,xfsprogs,quota,e2fsprogs,apparmor,libicu72,libssl3,linux-image-amd64

# Debian's root with its kernel, and the service that runs the job and turns the machine off.
make_root() {
    echo "setting up the machine's Debian in $ROOT" >&2
    rm -rf "$ROOT.making"
    debootstrap --variant=minbase --include="$PACKAGES" bookworm "$ROOT.making" "$(debian_mirror)" >"$CACHE/debootstrap.log" 2>&1 || { tail -5 "$CACHE/debootstrap.log" >&2; exit 1; }
    cat >"$ROOT.making/usr/local/sbin/tare-job" <<'EOF'
#!/bin/bash
for share in source dotnet clients; do
    mkdir -p "/mnt/$share" && mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro "$share" "/mnt/$share"
done
mkdir -p /mnt/job && mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 job /mnt/job
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DOTNET_ROOT=/mnt/dotnet TARE_TEST_CLIENTS=/mnt/clients TARE_TEST_BIN=/mnt/source/out/bin TARE_PEERS=/var/lib/tare-peers
cd /mnt/source && bash /mnt/job/command >/mnt/job/output 2>&1
echo $? >/mnt/job/exit
systemctl poweroff --force --force
EOF
    chmod +x "$ROOT.making/usr/local/sbin/tare-job"
    cat >"$ROOT.making/etc/systemd/system/tare-job.service" <<'EOF'
[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/tare-job
TimeoutStartSec=infinity
[Install]
WantedBy=multi-user.target
EOF
    mkdir -p "$ROOT.making/etc/systemd/system/multi-user.target.wants"
    ln -s ../tare-job.service "$ROOT.making/etc/systemd/system/multi-user.target.wants/"
    local unit
    for unit in serial-getty@ttyS0.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer xfs_scrub_all.timer systemd-timesyncd.service; do
        ln -sf /dev/null "$ROOT.making/etc/systemd/system/$unit"
    done
    mv "$ROOT.making" "$ROOT"
}

# The first root file system: the modules for the disk and the shares, and the mount that systemd cannot do for itself.
make_initrd() { # kernel version
    local work module file
    work=$(mktemp -d)
    mkdir -p "$work"/{bin,modules,proc,dev,new}
    cp "$ROOT/bin/busybox" "$work/bin/"
    for module in virtio_pci virtio_blk quota_v2 ext4 9p 9pnet_virtio; do chroot "$ROOT" modprobe -S "$1" --show-depends "$module"; done |
        awk '$1 == "insmod" && !seen[$2]++ {print $2}' >"$work/paths"
    while read -r file; do
        cp "$ROOT$file" "$work/modules/"
        basename "$file" >>"$work/order"
    done <"$work/paths"
    cat >"$work/init" <<'EOF'
#!/bin/busybox sh
busybox=/bin/busybox
$busybox mount -t devtmpfs dev /dev
$busybox mount -t proc proc /proc
while read -r module; do $busybox insmod "/modules/$module"; done </order
$busybox sleep 0.2
$busybox mount -t ext4 -o prjquota /dev/vda /new || $busybox poweroff -f
exec $busybox switch_root /new /sbin/init
EOF
    chmod +x "$work/init"
    (cd "$work" && find . | cpio --quiet -o -H newc) | gzip -1 >"$CACHE/initrd.making"
    mv "$CACHE/initrd.making" "$CACHE/initrd.img"
    rm -rf "$work"
}

require_packages qemu-system-x86 debootstrap busybox-static e2fsprogs cpio
require_clients
mkdir -p "$CACHE"
[ -d "$ROOT" ] || make_root
kernel=$(ls "$ROOT/lib/modules" | sort -V | tail -1)
run=$(mktemp -d "$CACHE/run.XXXXXX")
trap 'rm -rf "$run"' EXIT
[ -e "$CACHE/initrd.img" ] || make_initrd "$kernel"
truncate -s 24G "$run/disk"
mke2fs -q -F -t ext4 -O quota,project -E lazy_itable_init=1,lazy_journal_init=1 -d "$ROOT" "$run/disk"
mkdir "$run/job"
{
    printf 'export TARE_TEST_PATIENCE=10; exec unshare --mount --net --propagation private -- sh -c '\''ip link set lo up && exec "$@"'\'' sh /mnt/source/artifacts/bin/%s/release/%s --progress off --ansi off' "$PROGRAM" "$PROGRAM"
    [ $# = 0 ] || printf ' %q' "$@"
    echo
} >"$run/job/command"
timeout "$LIMIT" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 6144 -nographic -no-reboot -nic none \
    -kernel "$ROOT/boot/vmlinuz-$kernel" -initrd "$CACHE/initrd.img" -append "console=ttyS0 quiet panic=1 systemd.show_status=0" \
    -drive "file=$run/disk,if=virtio,format=raw,cache=unsafe" \
    -virtfs "local,path=$PWD,mount_tag=source,security_model=none,readonly=on,multidevs=remap" \
    -virtfs "local,path=$(dirname "$(readlink -f "$(command -v dotnet)")"),mount_tag=dotnet,security_model=none,readonly=on" \
    -virtfs "local,path=$TARE_CLIENTS,mount_tag=clients,security_model=none,readonly=on" \
    -virtfs "local,path=$run/job,mount_tag=job,security_model=none" </dev/null >"$CACHE/console.log" 2>&1 || true
cat "$run/job/output" 2>/dev/null || true
[ -e "$run/job/exit" ] || { echo "the machine ended before the tests did, see $CACHE/console.log" >&2; exit 1; }
exit "$(cat "$run/job/exit")"
