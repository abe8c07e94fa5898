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

bootstrap_debian_image() {
    require_packages debootstrap
    tare image bootstrap --mirror "$(debian_mirror)" debian:stable debian:latest
}
