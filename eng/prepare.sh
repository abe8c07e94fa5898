# Shell functions that check for, and where they can install, what the scripts of this project need. Sourced, not run.

# Stops with instructions when no .NET 10 SDK is on the machine.
require_sdk() {
    if command -v dotnet >/dev/null && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then return 0; fi
    cat >&2 <<'EOF'
The .NET 10 SDK is missing. Install it, then run this script again:
    curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0 --install-dir /usr/share/dotnet
    ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
or from Microsoft's package feed for Debian: https://learn.microsoft.com/dotnet/core/install/linux-debian
EOF
    exit 1
}

# Runs a command as root: directly, or by sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || { echo "this step needs root: run the script as root or install sudo" >&2; exit 1; }
    sudo "$@"
}

# Installs the named Debian packages that are not installed yet.
require_packages() {
    local missing=() p
    for p in "$@"; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed' || missing+=("$p")
    done
    [ ${#missing[@]} = 0 ] && return 0
    command -v apt-get >/dev/null || { echo "these packages are missing, and there is no apt-get to install them: ${missing[*]}" >&2; exit 1; }
    echo "installing: ${missing[*]}" >&2
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The native linker driver that NativeAOT calls.
require_linker() {
    command -v clang >/dev/null || command -v gcc >/dev/null || require_packages gcc libc6-dev
}
