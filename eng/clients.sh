# Real clients that the tests drive: the newest docker CLI, buildx and Compose, and docker-registry, from Debian sid. Downloaded and unpacked
# into a cache folder; nothing is installed. Sourced, not run.

TARE_CLIENTS=${TARE_CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/tare/clients}

# The first mirror that apt of this machine uses.
debian_mirror() {
    local mirror
    mirror=$(awk '/^URIs:/{print $2; exit} /^deb /{for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) {print $i; exit}}' \
        /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true)
    echo "${DEBIAN_MIRROR:-${mirror:-http://deb.debian.org/debian}}"
}

# Leaves docker, docker-registry and the CLI plugins below $TARE_CLIENTS/root.
require_clients() {
    [ -e "$TARE_CLIENTS/ready-1" ] && return 0
    local apt=$TARE_CLIENTS/apt package
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc" "$apt/packages" "$TARE_CLIENTS/root"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) sid main" > "$apt/etc/sources.list"
    local options=(-qq -o "Dir::Etc::SourceList=$apt/etc/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${options[@]}" update
    (cd "$apt/packages" && apt-get "${options[@]}" download docker-cli docker-buildx docker-compose docker-registry)
    for package in "$apt"/packages/*.deb; do dpkg-deb -x "$package" "$TARE_CLIENTS/root"; done
    rm -rf "$apt"
    "$TARE_CLIENTS/root/usr/bin/docker" --version >/dev/null
    touch "$TARE_CLIENTS/ready-1"
}
