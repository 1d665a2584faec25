# shellcheck shell=bash
# What every script here begins with; sourced, after `set -euo pipefail`.

# shellcheck disable=SC2034  # for those who source this
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Where daemons and their tools are, which su leaves out.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# fail MESSAGE...: one line on standard error, named after the script, and the end.
fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

note() {
  echo "$*" >&2
}

need_root() {
  ((EUID == 0)) || fail "must run as root (got uid $EUID): $1"
}

# now_ms: milliseconds, for differences only.
now_ms() {
  echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# since_ms START: the time since then as people read it: "340 ms" or "12.3 s".
since_ms() {
  local spent=$(($(now_ms) - $1))
  if ((spent < 1000)); then
    echo "$spent ms"
  else
    echo "$((spent / 1000)).$((spent % 1000 / 100)) s"
  fi
}

# await SECONDS COMMAND...: runs it every 50 ms until it succeeds; fails when the time is over.
await() {
  local end=$(($(now_ms) + $1 * 1000))
  shift
  until "$@"; do
    (($(now_ms) < end)) || return 1
    sleep 0.05
  done
}

# run COMMAND...: sets status to how it ended. Unlike in a condition, a function ends at its first failure.
run() {
  set +e
  (
    set -e
    "$@"
  )
  # shellcheck disable=SC2034  # for the caller
  status=$?
  set -e
}
