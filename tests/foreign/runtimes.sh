# Shell functions for running test suites that others wrote for OCI runtimes. Sourced, not run; needs eng/prepare.sh, eng/clients.sh and eng/peers.sh.

FOREIGN=${TARE_FOREIGN:-${XDG_CACHE_HOME:-$HOME/.cache}/tare/foreign}

# Leaves the upstream source of a Debian package below $FOREIGN/NAME/source.
fetch_source() { # package
    local folder=$FOREIGN/$1 apt
    [ -e "$folder/source" ] && return 0
    apt=$(mktemp -d)
    mkdir -p "$folder" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/package" "$apt/source"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) ${FOREIGN_SUITE:-sid} main" >"$apt/sources.list"
    local options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
    apt-get "${options[@]}" update
    (cd "$apt/package" && apt-get "${options[@]}" source --download-only "$1")
    tar -xf "$apt/package/$1"_*.orig.tar.* --strip-components=1 -C "$apt/source"
    mv "$apt/source" "$folder/source.making"
    mv "$folder/source.making" "$folder/source"
    rm -rf "$apt"
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
