# shellcheck shell=bash disable=SC2154 # state.sh sets the paths
# A private containerd in a state directory; sourced after common.sh, processes.sh and state.sh.

readonly oci_root=/run/containerd/runc

private_containerd() {
  processes_with --config "$containerd_config"
}

# Without the plugins that listen on, or write to, places which all containerds of a host would share.
write_containerd_config() {
  cat >"$containerd_config" <<TOML
version = 2
root = "$containerd_root"
state = "$containerd_state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri"]

[grpc]
  address = "$containerd_address"

[plugins."io.containerd.internal.v1.opt"]
  path = "$state/containerd/opt"
TOML
}

containerd_serves() {
  timeout 5 ctr --address "$containerd_address" version &>/dev/null
}

containerd_serves_or_ended() {
  containerd_serves || has_ended "$1"
}

start_containerd() {
  local process pid
  process=$(private_containerd)
  if [[ -z $process ]]; then
    mkdir -p "$containerd_root" "$containerd_state"
    write_containerd_config
    # In a session of its own: an interrupt at the terminal is not meant for it.
    setsid containerd --config "$containerd_config" >>"$containerd_log" 2>&1 </dev/null 9>&- &
    pid=$!
    process=$pid:$(start_time "$pid") || fail "containerd ended at once: $(tail -n 5 "$containerd_log")"
  fi
  await 30 containerd_serves_or_ended "$process" || fail "containerd does not answer after 30 s, see $containerd_log"
  containerd_serves || fail "containerd ended: $(tail -n 5 "$containerd_log")"
}

# containerds_of_state: its own, and those that tests started below its tmp.
containerds_of_state() {
  private_containerd
  processes_below "$state/tmp" -c
}

shims_of_state() {
  processes_below "$state" -address
}

# containers_of_state: NAMESPACE/ID of those whose bundle lies in the state, as the OCI runtimes recorded it.
containers_of_state() {
  local record
  for record in "$oci_root"/*/*/{state.json,status}; do
    if grep -qsE "\"$state/([^\"]*/)?io\.containerd\.runtime\.v2\.task/" "$record"; then
      record=${record#"$oci_root/"}
      echo "${record%/*}"
    fi
  done
}

# task_folders REGEX: PATH below the folders in which the state's containerds keep bundles, as far as the regex goes.
task_folders() {
  find "$state" -xdev -maxdepth 7 -type d -regextype posix-extended \
    -regex ".*/io\.containerd\.runtime\.v2\.task/$1" -printf '%p\n' 2>/dev/null | sed 's|.*/io\.containerd\.runtime\.v2\.task/||' || true
}

# bundles_of_state: NAMESPACE/ID of those that containerd has begun to make, whether or not an OCI runtime knows them.
bundles_of_state() {
  task_folders '[^/]+/[^/]+'
}

# namespaces_of_state: its own, and those that tests made in its containerds.
namespaces_of_state() {
  local shim
  {
    echo "$namespace"
    containers_of_state | cut -d/ -f1
    task_folders '[^/]+'
    for shim in $(shims_of_state); do
      tr '\0' '\n' 2>/dev/null <"/proc/${shim%:*}/cmdline" | sed -n '/^-namespace$/{n;p}'
    done
    [[ -z $(private_containerd) ]] || timeout 5 ctr --address "$containerd_address" namespaces list --quiet 2>/dev/null
  } | sort -u || true
}

# Whoever made the container's process, crun leaves a file status and runc a file state.json; one that was killed on the way
# leaves neither, but a process may be there.
delete_container() {
  local root=$oci_root/${1%/*} id=${1#*/} tool=''
  [[ ! -e $root/$id/state.json ]] || tool=runc
  [[ ! -e $root/$id/status ]] || tool=crun
  [[ -z $tool ]] || timeout 20 "$tool" --root "$root" delete --force "$id" &>/dev/null || note "$tool could not delete $1"
  rm -rf "${root:?}/$id"
  is_shared "${1%/*}" || kill_cgroup "$1"
}

# is_shared NAMESPACE: whether other daemons may be making containers in it, its name being a common one.
is_shared() {
  case $1 in
    default | moby | k8s.io | hawse) ;;
    *) return 1 ;;
  esac
}

# cgroups_named NAME: under every controller of version 1, and of version 2.
cgroups_named() {
  local top
  for top in "/sys/fs/cgroup/$1" /sys/fs/cgroup/*/"$1"; do
    [[ ! -d $top ]] || echo "$top"
  done
}

# kill_cgroup NAME: what is in it and below. A frozen one dies when it is thawed.
kill_cgroup() {
  local folder pid process
  for folder in $(cgroups_named "$1"); do
    for pid in $(processes_in "$folder"); do
      ! process=$pid:$(start_time "$pid") || signal KILL "$process"
    done
    find "$folder" -name freezer.state -exec sh -c 'echo THAWED >"$1"' - {} \; 2>/dev/null || true
    find "$folder" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' - {} \; 2>/dev/null || true
    await 5 is_empty_cgroup "$folder" || note "processes stay in $folder"
  done
}

processes_in() {
  find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

is_empty_cgroup() {
  [[ -z $(processes_in "$1") ]]
}

# remove_cgroups NAMESPACE: those that are empty. Of a shared one's only the top goes.
remove_cgroups() {
  local top depth=()
  ! is_shared "$1" || depth=(-maxdepth 0)
  for top in $(cgroups_named "$1"); do
    find "$top" "${depth[@]}" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
}

# stop_containerds: the daemons, their containers, their shims, and what they left outside the state directory. Works from
# what the kernel and the OCI runtimes know, so it needs no daemon that answers.
stop_containerds() {
  local namespaces container space sockets socket
  namespaces=$(namespaces_of_state)
  # shellcheck disable=SC2046  # one word per process
  end 10 $(containerds_of_state)
  for container in $({ containers_of_state; bundles_of_state; } | sort -u); do
    delete_container "$container"
  done
  # Newer ones write bootstrap.json.
  sockets=$(find "$state" -xdev -maxdepth 8 -path '*/io.containerd.runtime.v2.task/*' \
    \( -name address -o -name bootstrap.json \) -exec grep -ohs '/run/containerd/s/[0-9a-f]*' {} + 2>/dev/null) || true
  # shellcheck disable=SC2046
  end 2 $(shims_of_state)
  for socket in $sockets; do
    rm -f "$socket"
  done
  for space in $namespaces; do
    rmdir "$oci_root/$space" 2>/dev/null || true
    remove_cgroups "$space"
  done
}

unmount_below() {
  local mount_point
  for mount_point in $(mounts_below "$1"); do
    umount "$mount_point" 2>/dev/null || umount --lazy "$mount_point" || note "cannot unmount $mount_point"
  done
}
