# Shell functions for running test suites that others wrote for OCI runtimes. Sourced, not run; needs eng/prepare.sh, eng/clients.sh and eng/peers.sh.

FOREIGN=${TARE_FOREIGN:-${XDG_CACHE_HOME:-$HOME/.cache}/tare/foreign}

# Leaves the upstream source of a Debian package below $FOREIGN/NAME/source: that of the first release whose archive a mirror has.
fetch_source() { # package
    local folder=$FOREIGN/$1 apt release
    [ -e "$folder/source" ] && return 0
    apt=$(mktemp -d)
    mkdir -p "$folder" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/package" "$apt/source"
    local options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
    for release in sid forky trixie; do
        echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $release main" >"$apt/sources.list"
        apt-get "${options[@]}" update
        # What else belongs to the package may be missing: only the upstream archive is of use.
        (cd "$apt/package" && apt-get "${options[@]}" source --download-only "$1" 2>>"$apt/errors") || true
        [ -z "$(find "$apt/package" -name '*.orig.tar.*' ! -name '*.asc')" ] || break
    done
    tar -xf "$(find "$apt/package" -name '*.orig.tar.*' ! -name '*.asc' | head -1)" --strip-components=1 -C "$apt/source" || { cat "$apt/errors" >&2; return 1; }
    mv "$apt/source" "$folder/source.making"
    mv "$folder/source.making" "$folder/source"
    rm -rf "$apt"
}

# Prints per test what differs, and the sums; fails when a test that the peer passes fails with tare-runtime. Reads "test<TAB>outcome" from two files.
compare_outcomes() { # name of the peer, its outcomes, those of tare-runtime
    join -t $'\t' -a1 -a2 -e missing -o 0,1.2,2.2 <(sort -t $'\t' -k 1,1 "$2") <(sort -t $'\t' -k 1,1 "$3") | awk -F'\t' -v peer="$1" '
        { count[$2 " " $3]++ }
        $2 != $3 { print "differs: " $1 ": " peer " " $2 ", tare-runtime " $3; if ($2 == "pass") worse = 1 }
        END { for (pair in count) { split(pair, both, " "); print count[pair] " tests: " peer " " both[1] ", tare-runtime " both[2] }; exit worse }'
}

# Runs a command in the peers' root: with the clean environment of a script, a pid namespace that ends with this script, and, where $HYBRID is set, the
# unified hierarchy beside the controllers of version 1, if the machine has it.
peers_run() { # NAME=value… command…
    # shellcheck disable=SC2016
    peers_enter env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount-proc \
        bash -c 'hybrid=$1; shift; if [ -n "$hybrid" ] && [ -e /sys/fs/cgroup/unified ]; then mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified; fi; env "$@"; exit' sh "${HYBRID:-}" "$@"
}

# Adds Debian packages to the peers' root.
peers_install() { # package …
    # shellcheck disable=SC2016
    chroot "$TARE_PEERS/sid" dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c '^install ok installed' | grep -qx $# && return 0
    echo "adding to $TARE_PEERS/sid: $*" >&2
    cp -L /etc/resolv.conf "$TARE_PEERS/sid/etc/resolv.conf"
    chroot "$TARE_PEERS/sid" sh -c 'apt-get update -q -o Acquire::Check-Valid-Until=false && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" && apt-get clean' \
        sh "$@" >"$FOREIGN/install.log" 2>&1 || { tail -5 "$FOREIGN/install.log" >&2; return 1; }
}

# A root file system with busybox's applets, as a tar archive.
busybox_image() { # archive
    [ -e "$1" ] && return 0
    local root applet
    root=$(mktemp -d)
    chmod 755 "$root"
    mkdir -p "$root"/{bin,dev,etc,home,proc,root,sys,tmp,usr/bin,usr/sbin,var/spool/mail,var/www}
    chmod 1777 "$root/tmp"
    chmod 700 "$root/root"
    cp "$TARE_PEERS/sid/usr/bin/busybox" "$root/bin/busybox"
    for applet in $("$root/bin/busybox" --list); do
        [ -e "$root/bin/$applet" ] || ln "$root/bin/busybox" "$root/bin/$applet"
    done
    ln -s ../../bin/env "$root/usr/bin/env"
    printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false www-data:x:33:33:www-data:/var/www:/bin/false nobody:x:65534:65534:nobody:/home:/bin/false >"$root/etc/passwd"
    printf '%s\n' root:x:0: daemon:x:1: tty:x:5: www-data:x:33: users:x:100: nobody:x:65534: >"$root/etc/group"
    tar --numeric-owner -cf "$1.making" -C "$root" .
    rm -rf "$root"
    mv "$1.making" "$1"
}

# A small Debian root file system as a tar archive.
debian_image() { # archive
    [ -e "$1" ] && return 0
    local root
    root=$(mktemp -d)
    chmod 755 "$root"
    debootstrap --variant=minbase sid "$root" "$(debian_mirror)" >"$FOREIGN/debootstrap.log" 2>&1 || { tail -5 "$FOREIGN/debootstrap.log" >&2; return 1; }
    rm -rf "$root"/usr/share/{doc,man,locale,i18n,zoneinfo} "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/lib/*/gconv
    tar --numeric-owner -cf "$1.making" -C "$root" .
    rm -rf "$root"
    mv "$1.making" "$1"
}
