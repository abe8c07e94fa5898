#!/usr/bin/env bash
# Writes src/Tare.Runtime/tare-runtime.order: the functions that the commands of a container's life call, in the order of their first calls. The compiler
# places them side by side in that order, so that a command that lives for five milliseconds touches few pages (a MiB less memory for `run`).
# Names that are gone by the next build are passed over, new ones stand elsewhere until this is run again: nothing depends on it but speed.
# Usage: eng/function-order.sh      (root; needs gdb)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. eng/prepare.sh

[ "$(id -u)" = 0 ] || { echo "eng/function-order.sh needs root" >&2; exit 1; }
require_packages gdb jq binutils busybox-static
WORK=$(mktemp -d /tmp/tare-order.XXXXXX)
trap 'rm -rf "$WORK"' EXIT

record() { # parent|child, arguments of tare-runtime
    local follow=$1
    shift
    PROGRAM=$WORK/tare-runtime OUTPUT=$WORK/order FOLLOW=$follow gdb -q -batch -x eng/function-order.py \
        --args "$WORK/tare-runtime" --root "$WORK/state" "$@" </dev/null >"$WORK/log" 2>&1 || { cat "$WORK/log" >&2; exit 1; }
}

dotnet publish src/Tare.Runtime/Tare.Runtime.csproj -c Release -v quiet -p:StripSymbols=false -p:IlcOrderFile= -o "$WORK/publish"
mv "$WORK/publish/tare-runtime" "$WORK/"
mkdir -p "$WORK"/rootfs/{bin,proc,sys,dev} "$WORK"/{run,sleep}
cp /bin/busybox "$WORK/rootfs/bin/"
for applet in true sleep; do ln -s busybox "$WORK/rootfs/bin/$applet"; done
"$WORK/tare-runtime" spec --bundle "$WORK/run"
jq --arg root "$WORK/rootfs" '.process.terminal = false | .process.args = ["/bin/true"] | .root.path = $root' "$WORK/run/config.json" >"$WORK/config.json"
mv "$WORK/config.json" "$WORK/run/config.json"
jq '.process.args = ["/bin/sleep", "1000"]' "$WORK/run/config.json" >"$WORK/sleep/config.json"

record parent run -b "$WORK/run" order
record child run -b "$WORK/run" order-child
"$WORK/tare-runtime" --root "$WORK/state" delete -f order-child
record parent create -b "$WORK/sleep" order
record parent start order
record parent state order
record parent exec order /bin/true
record parent kill order KILL
record parent delete -f order
awk '!seen[$0]++' "$WORK/order" >src/Tare.Runtime/tare-runtime.order
wc -l src/Tare.Runtime/tare-runtime.order
