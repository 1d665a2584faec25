# shellcheck shell=bash disable=SC2154 # state.sh sets the paths
# What tests left behind; sourced after common.sh, processes.sh, state.sh, containerd.sh and hawsed.sh.

# leftovers: one line for each thing that no running test owns any more. Images, their layers and empty namespaces are
# no leftovers: tests share them.
leftovers() {
  local space
  for space in $(timeout 10 ctr --address "$containerd_address" namespaces list --quiet); do
    leftovers_in "$space"
  done
  find "$state" -xdev -type p -printf 'FIFO %p\n'
  mounts_below "$state" | sed 's/^/mount /'
  processes_with -address "$containerd_address" | sed 's/:.*//; s/^/shim, process /'
  loggers_of_state | sed 's/:.*//; s/^/logger, process /'
  containers_of_state | sed 's/^/OCI runtime record /'
  leftover_descriptors
}

leftovers_in() {
  local ctr=(timeout 10 ctr --address "$containerd_address" --namespace "$1") cgroup
  "${ctr[@]}" tasks list --quiet | sed "s|^|task $1/|"
  "${ctr[@]}" containers list --quiet | sed "s|^|container $1/|"
  "${ctr[@]}" snapshots list | awk -v space="$1" 'NR > 1 && $NF != "Committed" { print "snapshot " space "/" $1 }'
  "${ctr[@]}" leases list --quiet | sed "s|^|lease $1/|"
  for cgroup in "/sys/fs/cgroup/$1"/*/ /sys/fs/cgroup/*/"$1"/*/; do
    [[ ! -d $cgroup ]] || echo "cgroup $cgroup"
  done
}

# What hawsed holds open of its processes' FIFOs, and terminals.
leftover_descriptors() {
  local process
  for process in $(state_hawsed); do
    find "/proc/${process%:*}/fd" -type l \( -lname "$state/hawse/run/*" -o -lname '/dev/p*t*' \) \
      -printf 'descriptor of hawsed: %l\n' 2>/dev/null || true
  done
}

# settled: whether nothing is left; for await, since containerd ends its part of a removal after the answer.
settled() {
  [[ -z $(leftovers) ]]
}

take_census() {
  await 10 settled || fail "left behind by the tests:"$'\n'"$(leftovers)"
}
