#!/usr/bin/env bash
# Runs all tests and ends with "N passed, N failed, N skipped".
# Usage: ./test.sh [unit] [integration] [conformance] [-- arguments for the test programs, e.g. --filter-class "*Pull*"]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. eng/prepare.sh
. eng/clients.sh
. eng/peers.sh

suites=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do suites+=("$1"); shift; done
[ "${1:-}" = -- ] && shift
[ ${#suites[@]} -gt 0 ] || suites=(unit integration conformance)

require_sdk
passed=0 failed=0 skipped=0 broken=0

build_tests() { # project path
    dotnet build "$1" -c Release --nologo -v quiet -clp:ErrorsOnly
}

# Runs a test program, shows its output, and adds its summary to the totals. A program that dies without a summary counts as one failure.
run_suite() { # name, command...
    local name=$1 log; shift
    log=$(mktemp)
    echo "== $name"
    "$@" 2>&1 | tee "$log" || broken=1
    # Some terminals and build servers make the test platform colour its summary: the numbers are read without the escape sequences.
    sed -i 's/\x1b\[[0-9;]*m//g' "$log"
    local total; total=$(sed -n 's/^ *total: *\([0-9]*\).*/\1/p' "$log" | tail -1)
    if [ -z "$total" ]; then
        echo "$name: the test program ended without a summary" >&2
        failed=$((failed + 1))
    else
        passed=$((passed + $(sed -n 's/^ *succeeded: *\([0-9]*\).*/\1/p' "$log" | tail -1)))
        failed=$((failed + $(sed -n 's/^ *failed: *\([0-9]*\)$/\1/p' "$log" | tail -1)))
        skipped=$((skipped + $(sed -n 's/^ *skipped: *\([0-9]*\).*/\1/p' "$log" | tail -1)))
    fi
    rm -f "$log"
}

# Integration and conformance tests run as root in a mount and a network namespace of their own: what they mount or configure there goes with them.
isolated() {
    as_root env PATH="$PATH" HOME="$HOME" DOTNET_ROOT="${DOTNET_ROOT:-}" TARE_TEST_CLIENTS="$TARE_CLIENTS" TARE_PEERS="$TARE_PEERS" TARE_TEST_BIN="$PWD/out/bin" TARE_TEST_SEED="${TARE_TEST_SEED:-}" \
        unshare --mount --net --propagation private -- /bin/sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

for suite in "${suites[@]}"; do
    case $suite in
    unit)
        build_tests tests/unit/Tare.UnitTests.csproj
        run_suite unit artifacts/bin/Tare.UnitTests/release/Tare.UnitTests "$@" ;;
    integration | conformance)
        require_packages busybox-static iproute2 procps util-linux libnftables1 nftables strace faketime uidmap python3-docker
        [ -n "${TARE_PROGRAMS_BUILT:-}" ] || { ./build.sh; export TARE_PROGRAMS_BUILT=1; }
        require_clients
        if [ "$suite" = conformance ] && ! require_peers; then
            echo "the engines and runtimes of Debian sid cannot be set up here (above is why): the tests that drive them are skipped" >&2
            skipped=$((skipped + 1))
            set -- "$@" --filter-not-namespace Tare.ConformanceTests.Runtimes
        fi
        case $suite in integration) project=Tare.IntegrationTests ;; conformance) project=Tare.ConformanceTests ;; esac
        build_tests "tests/$suite/$project.csproj"
        run_suite "$suite" isolated "artifacts/bin/$project/release/$project" "$@" ;;
    *) echo "unknown suite \"$suite\": unit, integration, conformance" >&2; exit 2 ;;
    esac
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $broken = 0 ]
