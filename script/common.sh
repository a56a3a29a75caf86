# shellcheck shell=bash
# Sourced by the scripts beside it: the root of the checkout, messages and a few questions to the machine.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit
export VENV=$ROOT/.venv

say() { printf '%s\n' "$*" >&2; }

step() { printf '\n== %s\n' "$*" >&2; }

fail() {
  printf '\nerror: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

# The hash of the files named and of whatever else is passed on stdin decides whether a step is done already.
digest() {
  { git hash-object -- "$@" && cat; } | git hash-object --stdin
}
