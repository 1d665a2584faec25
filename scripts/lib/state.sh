# shellcheck shell=bash disable=SC2154 # the directory comes from use_state, the rest from common.sh
# The state directory of a private runtime: where everything of it lies, and what tells it from all others.
# Sourced after common.sh.

readonly state_marker=.hawse-state

# use_state DIR: sets the paths of the runtime in DIR. The namespace is DIR's own, since all containerds of a host share
# the OCI runtime's folder /run/containerd/runc/NAMESPACE.
use_state() {
  # shellcheck disable=SC2034  # for those who source this
  {
    state=$(realpath -m "$1")
    [[ $state =~ ^/[A-Za-z0-9._/-]+$ ]] || fail "--state: only letters, digits and ._-/ (got $state)"
    namespace=hawse-$(sha256sum <<<"$state" | cut -c1-12)
    containerd_config=$state/containerd.toml
    containerd_root=$state/containerd/root
    containerd_state=$state/containerd/state
    containerd_address=$state/containerd.sock
    containerd_log=$state/containerd.log
    hawse_socket=$state/hawse.sock
    hawse_address=unix:$hawse_socket
    hawse_log=$state/hawsed.log
    lock_file=$state/lock
  }
  # The longest socket of all is containerd's for its shims; sun_path holds 108 bytes with the closing NUL.
  local longest=$containerd_address.ttrpc
  ((${#longest} <= 107)) || fail "--state: at most $((107 - ${#longest} + ${#state})) bytes, since sockets lie in it (got ${#state}: $state)"
}

# claim_state: makes the directory, and refuses one with somebody else's files in it.
claim_state() {
  mkdir -p "$(dirname "$state")"
  [[ -d $state ]] || mkdir -m 0750 "$state"
  # Root is about to trust what lies there, and /var/tmp is everybody's.
  [[ -O $state ]] || fail "--state: $state belongs to somebody else"
  if [[ ! -e $state/$state_marker ]]; then
    [[ -z $(ls -A "$state") ]] || fail "--state: $state holds other files than a runtime's: choose another"
    touch "$state/$state_marker"
  fi
}

is_state() {
  [[ -e $state/$state_marker ]]
}

# lock_state: one command at a time works on a state. The one before may have removed the directory, and the lock in it.
lock_state() {
  while :; do
    claim_state
    exec 9>"$lock_file"
    flock -w 120 9 || fail "another dev-runtime has been working on $state for two minutes"
    [[ /dev/fd/9 -ef $lock_file ]] && return
  done
}

# remove_state: the directory, unless something is still mounted below it.
remove_state() {
  [[ -z $(mounts_below "$state") ]] || fail "still mounted below $state: $(mounts_below "$state")"
  rm -rf --one-file-system "$state"
}

# mounts_below DIR: mount points there, innermost first. Paths of states need no unescaping.
mounts_below() {
  awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -ru
}
