#!/usr/bin/env bash
# Feeds the parsers of foreign input with changed inputs of tests/fuzz/corpus, for so many seconds each and from a new seed.
# An input that a parser fails at is written to the temporary folder and named; it belongs into the corpus with the mending.
# Usage: tests/fuzz/run.sh SECONDS [SEED]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
seconds=${1:?"usage: tests/fuzz/run.sh SECONDS [SEED]"}
seed=${2:-$RANDOM$RANDOM}
dotnet build tests/unit/Tare.UnitTests.csproj -c Release --nologo -v quiet -clp:ErrorsOnly
echo "seed $seed"
TARE_FUZZ_SECONDS=$seconds TARE_FUZZ_SEED=$seed artifacts/bin/Tare.UnitTests/release/Tare.UnitTests --filter-class Tare.UnitTests.Fuzz.FuzzTests
