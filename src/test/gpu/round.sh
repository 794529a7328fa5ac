#!/usr/bin/env bash
# The whole round of a visit to a machine with an NVIDIA GPU: is the cuda engine right there, and how fast is it?
#
#   round.sh OUT [APP]          logs and figures go to the folder OUT, one file a part, a summary at the end
#
# Nothing is built there, and neither Maven nor a JDK is needed. APP (default: the folder above this one) is a folder
# with what was built elsewhere:
#
#   mvn -B -DskipTests package dependency:copy-dependencies -DincludeScope=test -DoutputDirectory=target/test-lib
#   mkdir app && cp -r target/basin.jar target/lib target/test-classes target/test-lib experiments src/test/gpu app/
#
# JAVA names a Java 25 runtime's bin/java (default: the one on the PATH); one that jlink made of java.base,
# java.logging, java.management, java.xml, java.naming, java.sql, java.net.http, java.compiler, java.desktop,
# jdk.unsupported, jdk.httpserver, jdk.jfr will do. PYTHON names a Python with PyTorch and JAX for the peers (default:
# python3). CUDA's libraries are found as README.md says, CUDA_HOME among others. PARTS chooses parts, e.g.
# PARTS="tests bench"; MINUTES is the longest that one may take (default 10).
#
#   machine    what there is: GPU, driver, toolkit, basin doctor
#   tests      the tests tagged gpu: training and objectives meet the contracts that the CPU engine meets
#   verify     basin verify --engine cuda: against the double-precision reference and a published table
#   memcheck   a small sweep, each kernel under compute-sanitizer: accesses outside of memory
#   racecheck  the same: races on shared memory
#   bench      basin bench --engine cuda, float32 and tf32
#   peers      peers.py: PyTorch and JAX at the same training
#   study      experiments/double-descent-mnist1d.yaml from start to end, timed
#   landscape  the Hessians of its networks, side by side on the GPU and then on the CPU's cores, timed
set -uo pipefail
[ $# -ge 1 ] && [ $# -le 2 ] || { sed -n '2,28s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
mkdir -p "$1"
out=$(CDPATH= cd -- "$1" && pwd -P)
app=$(CDPATH= cd -- "${2:-$here/..}" && pwd -P)
java=${JAVA:-java}
python=${PYTHON:-python3}
seconds=$((60 * ${MINUTES:-10}))
widths=8,64,256,1024,4096
[ -f "$app/basin.jar" ] || { echo "round.sh: there is no $app/basin.jar; see the head of this file" >&2; exit 2; }
"$java" -version 2>&1 | grep -q '"25' || { echo "round.sh: $java is no Java 25; set JAVA" >&2; exit 2; }
failed=0
options=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseParallelGC
  -XX:MaxRAMPercentage=50 -Dorg.bytedeco.javacpp.maxphysicalbytes=0)
basin=("$java" "${options[@]}" -jar "$app/basin.jar")
export OMP_NUM_THREADS=1

machine() {
  date -u
  nvidia-smi
  nvcc --version
  "${basin[@]}" doctor >"$out/doctor.txt"
  cat "$out/doctor.txt"
  grep -q '^engine cuda *available' "$out/doctor.txt"
}

# A class of the tests that JUnit's launcher runs, with what it needs.
tests() {
  (cd "$app" && "$java" "${options[@]}" -cp "basin.jar:lib/*:test-classes:test-lib/*" org.basin.GpuTests)
}

# Every kernel of training and of probes, on networks so small that checking each access takes a minute.
sweep() {
  cat >"$out/sanitized.yaml" <<'YAML'
name: sanitized
data: {source: iris, validationFraction: 0.2}
model: {depth: 2}
training:
  epochs: 3
  batchSize: 32
  labelSmoothing: 0.1
  clipping: {globalNorm: 1}
  optimizer: {l2: 1e-4}
seeds: 3
sweep:
  grid:
    model.width: [9, 300] # one for each way of training: a block a replica, and cuBLAS
    model.batchNorm: [false, true]
    model.activation: [relu, tanh, gelu]
    training.optimizer.name: [nesterov, adamw]
probes:
  - hessian: {largest: 2, smallest: 1, traceProducts: 2, densityRuns: 2, densitySteps: 5, denseUpTo: 0}
  - sharpness: {steps: 4, batches: 2, pairs: 2}
  - surface: {points: 5, draws: 2, batchNorm: batch}
YAML
  rm -rf "$out/sanitized"
  compute-sanitizer --tool "$1" --error-exitcode 9 \
    "${basin[@]}" run "$out/sanitized.yaml" --engine cuda --out "$out/sanitized"
}

verify() {
  "${basin[@]}" verify --engine cuda
}

bench() {
  local precision code=0
  for precision in float32 tf32; do
    "${basin[@]}" bench --engine cuda --precision "$precision" --widths "$widths" \
      --json "$out/bench-$precision.json" || code=$?
  done
  return "$code"
}

peers() {
  local precision code=0
  for precision in float32 tf32; do
    "$python" "$here/peers.py" --widths "$widths" --precision "$precision" \
      --json "$out/peers-$precision.json" || code=$?
  done
  return "$code"
}

study() {
  rm -rf "$out/study"
  time "${basin[@]}" run "$app/experiments/double-descent-mnist1d.yaml" --engine cuda --out "$out/study"
}

landscape() {
  local engine
  for engine in cuda cpu; do
    rm -rf "$out/landscape-$engine" && cp -r "$out/study" "$out/landscape-$engine" || return
    echo "hessian, engine $engine"
    time "${basin[@]}" probe --probe hessian --engine "$engine" "$out/landscape-$engine" || return
  done
}

# One part, called by this script itself: timeout ends programs, not functions.
if [ -n "${ROUND_PART:-}" ]; then
  $ROUND_PART # a function, some with an argument
  exit
fi

# part NAME FUNCTION: runs it unless PARTS leaves it out; its output is in OUT/NAME.log.
part() {
  local began=$SECONDS code
  case " ${PARTS:-$1} " in *" $1 "*) ;; *) return ;; esac
  ROUND_PART=$2 timeout "$seconds" "$0" "$out" "$app" >"$out/$1.log" 2>&1
  code=$?
  [ "$code" = 0 ] || failed=1
  printf '%-10s exit code %3d  %4d s  %s\n' "$1" "$code" $((SECONDS - began)) "$(tail -n 1 "$out/$1.log")" |
    tee -a "$out/summary.txt"
}

part machine machine
part tests tests
part verify verify
part memcheck "sweep memcheck"
part racecheck "sweep racecheck"
part bench bench
part peers peers
part study study
part landscape landscape
exit "$failed"
