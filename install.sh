#!/usr/bin/env bash
# Installs Tare below /usr/local (or PREFIX), with systemd units and shell completions. Usage: ./install.sh [--uninstall]
# DESTDIR is put before every path, for packagers.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. eng/prepare.sh
. eng/image.sh
PREFIX=${PREFIX:-/usr/local} DESTDIR=${DESTDIR:-}
bin=$DESTDIR$PREFIX/bin lib=$DESTDIR$PREFIX/lib/tare units=$DESTDIR/etc/systemd/system
bash_completion=$DESTDIR$PREFIX/share/bash-completion/completions zsh_completion=$DESTDIR$PREFIX/share/zsh/site-functions
fish_completion=$DESTDIR$PREFIX/share/fish/vendor_completions.d

systemd_runs() { [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; }

uninstall() {
    if systemd_runs; then as_root systemctl disable --now tared.socket tared.service >/dev/null 2>&1 || true; fi
    as_root rm -rf "$lib"
    as_root rm -f "$bin"/{tare,tared,tare-runtime} "$units"/tared.{socket,service} \
        "$bash_completion/tare" "$zsh_completion/_tare" "$fish_completion/tare.fish"
    if systemd_runs; then as_root systemctl daemon-reload; fi
    echo "Tare is uninstalled; images and containers are still in /var/lib/tare."
}

if [ "${1:-}" = --uninstall ]; then uninstall; exit 0; fi
[ $# = 0 ] || { echo "usage: ./install.sh [--uninstall]" >&2; exit 2; }

[ -n "$DESTDIR" ] || require_packages libnftables1 ca-certificates
programs_current || ./build.sh
as_root install -d "$bin" "$lib" "$units" "$bash_completion" "$zsh_completion" "$fish_completion"
for file in tare tared tare-runtime libe_sqlite3.so; do
    # A new file beside, then a rename: a running tared or shim keeps the file it was started from.
    as_root install -m 755 "out/bin/$file" "$lib/.$file.new"
    as_root mv -f "$lib/.$file.new" "$lib/$file"
done
for program in tare tared tare-runtime; do as_root ln -sfn "../lib/tare/$program" "$bin/$program"; done
sed "s|@bin@|$PREFIX/bin|" eng/systemd/tared.service | as_root tee "$units/tared.service" >/dev/null
as_root install -m 644 eng/systemd/tared.socket "$units/tared.socket"
out/bin/tare completion bash | as_root tee "$bash_completion/tare" >/dev/null
out/bin/tare completion zsh | as_root tee "$zsh_completion/_tare" >/dev/null
out/bin/tare completion fish | as_root tee "$fish_completion/tare.fish" >/dev/null
if systemd_runs; then
    getent group tare >/dev/null || as_root groupadd --system tare
    as_root systemctl daemon-reload
    as_root systemctl enable --now tared.socket
fi
echo "Tare is installed in $PREFIX/bin. Try: sudo tare run -ti debian /bin/bash"
