#!/usr/bin/env bash
# Publishes tare, tared and tare-runtime as native programs to out/bin/. Usage: ./build.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. eng/prepare.sh
require_sdk
require_linker
mkdir -p out/bin
publish() { # project program
    dotnet publish "src/$1/$1.csproj" -c Release --nologo -v quiet -clp:ErrorsOnly -o "out/publish/$2"
    install -m 755 "out/publish/$2/$2" "out/bin/$2"
    find "out/publish/$2" -maxdepth 1 -name '*.so' -exec install -m 755 -t out/bin {} +
}
publish Tare.Runtime tare-runtime
publish Tare.Daemon tared
publish Tare.Cli tare
ls -l out/bin | awk 'NR>1 { printf "%-16s %6.1f MiB\n", $NF, $5/1048576 }'
