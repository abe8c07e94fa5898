# Shell functions that get the image of the first contact. Sourced, not run; need tare(), eng/prepare.sh and eng/clients.sh.

# True when out/bin holds programs that are newer than every source file.
programs_current() {
    local program
    for program in tare tared tare-runtime; do [ -x "out/bin/$program" ] || return 1; done
    [ -z "$(find src eng Directory.*.props build.sh global.json -newer out/bin/tare -type f -not -path '*/obj/*' -print -quit)" ]
}

# Replaces this shell by tare, so that the terminal is its alone.
exec_tare() {
    if [ "$(id -u)" = 0 ]; then exec "$PWD/out/bin/tare" "$@"; fi
    exec sudo "$PWD/out/bin/tare" "$@"
}

# debian:latest from Docker Hub; where that cannot be reached, from Debian's own packages.
get_debian_image() {
    if tare pull debian:latest; then return 0; fi
    echo "Docker Hub cannot be reached: making the image from Debian's packages with debootstrap (a minute or two)."
    bootstrap_debian_image
}

# In a subshell, whose end removes the work folder whatever happens.
bootstrap_debian_image() (
    require_packages debootstrap
    work=$(mktemp -d /var/tmp/tare-debian.XXXXXX)
    trap 'as_root rm -rf "$work"' EXIT
    mirror=$(debian_mirror)
    if ! as_root debootstrap --variant=minbase stable "$work/root" "$mirror" >"$work/debootstrap.log" 2>&1; then
        tail -5 "$work/debootstrap.log" >&2
        echo "debootstrap could not make a Debian system from $mirror: check the network, or name another mirror in DEBIAN_MIRROR" >&2
        exit 1
    fi
    as_root sh -c "rm -rf '$work'/root/var/cache/apt/archives/*.deb '$work'/root/var/lib/apt/lists/* '$work'/root/var/log/*.log"
    as_root tar -C "$work/root" --numeric-owner --exclude ./dev --exclude './proc/*' --exclude './sys/*' -c . |
        tare import --change 'CMD ["/bin/bash"]' - debian:latest
)
