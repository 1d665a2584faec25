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

# containers_of_state: NAMESPACE/ID of those whose bundle lies in the state, as the OCI runtimes recorded it.
containers_of_state() {
  local record
  for record in "$oci_root"/*/*/{state.json,status}; do
    if grep -qsF "$containerd_state/" "$record"; then
      record=${record#"$oci_root/"}
      echo "${record%/*}"
    fi
  done
}

# namespaces_of_state: its own, and those that tests made in its containerd.
namespaces_of_state() {
  local shim
  {
    echo "$namespace"
    containers_of_state | cut -d/ -f1
    find "$containerd_state" -mindepth 2 -maxdepth 2 -path '*/io.containerd.runtime.v2.task/*' -printf '%f\n' 2>/dev/null
    for shim in $(processes_with -address "$containerd_address"); do
      tr '\0' '\n' 2>/dev/null <"/proc/${shim%:*}/cmdline" | sed -n '/^-namespace$/{n;p}'
    done
    [[ -z $(private_containerd) ]] || timeout 5 ctr --address "$containerd_address" namespaces list --quiet 2>/dev/null
  } | sort -u || true
}

# Whoever made the container's process, crun leaves a file status and runc a file state.json.
delete_container() {
  local root=$oci_root/${1%/*} id=${1#*/} tool=runc
  [[ ! -e $root/$id/status ]] || tool=crun
  timeout 20 "$tool" --root "$root" delete --force "$id" &>/dev/null || note "$tool could not delete $1"
  rm -rf "${root:?}/$id"
}

# remove_cgroups NAMESPACE: those that are empty. Other daemons may be making a container in a namespace with a common
# name, so of these only the top goes.
remove_cgroups() {
  local top depth=()
  case $1 in
    default | moby | k8s.io | hawse) depth=(-maxdepth 0) ;;
  esac
  for top in "/sys/fs/cgroup/$1" /sys/fs/cgroup/*/"$1"; do
    [[ ! -d $top ]] || find "$top" "${depth[@]}" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  done
}

# stop_containerd: the daemon, its containers, their shims, and what they left outside the state directory. Works from
# what the kernel and the OCI runtimes know, so it needs no daemon that answers.
stop_containerd() {
  local namespaces container space sockets socket
  namespaces=$(namespaces_of_state)
  # shellcheck disable=SC2046  # one word per process
  end 10 $(private_containerd)
  for container in $(containers_of_state); do
    delete_container "$container"
  done
  # Newer ones write bootstrap.json.
  sockets=$(grep -ohs '/run/containerd/s/[0-9a-f]*' \
    "$containerd_state"/io.containerd.runtime.v2.task/*/*/{address,bootstrap.json}) || true
  # shellcheck disable=SC2046
  end 2 $(processes_with -address "$containerd_address")
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
