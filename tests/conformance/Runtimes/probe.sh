# What a container sees, in sections: "== name", then lines. Runs in busybox's sh inside; RuntimeComparison reads it.
section() { echo "== $1"; }
self=/proc/$$

section mounts
cat $self/mountinfo
section mountpoints
cut -d' ' -f5 $self/mountinfo | sort -u | while read -r path; do stat -c '%A %u %g %n' "$path"; done
section status
grep -E '^(Name|Umask|Uid|Gid|Groups|NSsid|NSpgid|Threads|SigPnd|SigBlk|SigIgn|SigCgt|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|Cpus_allowed_list|Mems_allowed_list):' $self/status
section process
echo "pid $$, umask $(umask), directory $(pwd), host $(hostname)"
tr '\0' ' ' <$self/cmdline; echo
echo "pgrp, session, terminal, foreground, nice: $(cut -d' ' -f5-8,19 $self/stat)"
for file in oom_score_adj personality coredump_filter timerslack_ns loginuid uid_map gid_map setgroups timens_offsets attr/current; do
    [ -e $self/$file ] && echo "$file: $(cat $self/$file 2>&1 | tr -s ' ')"
done
chrt -p $$ 2>&1; ionice -p $$
section environment
tr '\0' '\n' <$self/environ
section descriptors
for file in $self/fd/*; do [ -L "$file" ] && echo "${file##*/} $(readlink "$file")"; done
section limits
cat $self/limits
section namespaces
for file in $self/ns/*; do echo "${file##*/} $(readlink "$file")"; done
section devices
find /dev | sort | while read -r path; do stat -c '%A %u %g %t,%T %N' "$path"; done
section cgroup
cat $self/cgroup
stat -c '%A %u %g %n' /sys/fs/cgroup/* 2>/dev/null | head -50
for file in /sys/fs/cgroup/*/*.limit_in_bytes /sys/fs/cgroup/*/memory.oom_control /sys/fs/cgroup/*/memory.swappiness /sys/fs/cgroup/*/cpu.shares /sys/fs/cgroup/*/cpu.cfs_*_us /sys/fs/cgroup/*/cpu.idle \
    /sys/fs/cgroup/*/cpu.rt_runtime_us /sys/fs/cgroup/*/cpuset.cpus /sys/fs/cgroup/*/cpuset.mems /sys/fs/cgroup/*/cpuset.cpu_exclusive /sys/fs/cgroup/*/pids.max /sys/fs/cgroup/*/devices.list /sys/fs/cgroup/*/blkio*weight* \
    /sys/fs/cgroup/*/blkio.throttle.*_device /sys/fs/cgroup/*/notify_on_release /sys/fs/cgroup/*.max /sys/fs/cgroup/*.high /sys/fs/cgroup/*.low /sys/fs/cgroup/*.min /sys/fs/cgroup/*.weight /sys/fs/cgroup/cpuset.*; do
    [ -f "$file" ] && sed "s|^|$file: |" "$file" 2>&1
done
section sysctl
for name in net/ipv4/ip_unprivileged_port_start net/ipv4/ping_group_range net/ipv4/ip_forward net/core/somaxconn kernel/msgmax kernel/shm_rmid_forced kernel/domainname fs/mqueue/msg_max; do
    echo "$name: $(cat /proc/sys/$name 2>&1)"
done
section network
cut -d: -f1 /proc/net/dev | tail -n +3
cat /sys/class/net/lo/flags 2>&1
section terminal
tty; stty -a 2>&1
section masked
for path in /proc/acpi /proc/asound /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/sched_debug /proc/scsi /sys/firmware /proc/sysrq-trigger /proc/interrupts; do
    [ -e $path ] && stat -c '%A %u %g %n' $path && { [ -d $path ] && ls $path || head -c 200 $path | wc -c; } 2>&1
done
section keys
awk '{ print $4, $5, $6, $7, $8, $9 }' /proc/keys 2>&1
section attempts
attempt() { "$@" >/tmp/out 2>&1; echo "$* -> $? $(head -1 /tmp/out)"; }
attempt unshare -U true
attempt unshare -n true
attempt unshare -m true
attempt chroot / true
attempt mount -t tmpfs none /mnt
attempt mknod /tmp/node c 1 3
attempt mknod /tmp/disk b 8 0
attempt dd if=/dev/zero of=/dev/null count=1 bs=1
attempt hostname other
attempt chown 5:5 /tmp
attempt kill -0 1
attempt date -s 2001-01-01
attempt touch /etc/touched
attempt sh -c 'echo 1 > /proc/sys/kernel/msgmax'
attempt sh -c 'echo 0 > /proc/sys/vm/drop_caches'
attempt renice -n -5 1
attempt nice -n -5 true
attempt setpriv --dump
section end
