# shellcheck shell=bash
# The distribution's packages; sourced after common.sh.

# What each is needed for is looked at, not the package: the same program may come from elsewhere, and installing a
# second one of another vendor would remove the first. One "package what..." a line; any one of these will do.
packages_for() {
  case $1 in
    build)
      cat <<'LIST'
maven mvn
gcc cc gcc
libc6-dev static_libc
LIST
      ;;
    quickstart)
      packages_for build
      cat <<'LIST'
containerd containerd
containerd ctr
containerd containerd-shim-runc-v2
runc runc
containernetworking-plugins /usr/lib/cni/bridge /opt/cni/bin/bridge
busybox-static static_busybox
iptables iptables
LIST
      ;;
    protos)
      cat <<'LIST'
python3 python3
golang-github-containerd-containerd-dev /usr/share/gocode/src/github.com/containerd/containerd/api
golang-github-containerd-cgroups-dev /usr/share/gocode/src/github.com/containerd/cgroups
golang-github-gogo-protobuf-dev /usr/share/gocode/src/github.com/gogo/protobuf/gogoproto
golang-github-gogo-googleapis-dev /usr/share/gocode/src/github.com/gogo/googleapis
libprotobuf-dev /usr/include/google/protobuf/descriptor.proto
protobuf-compiler protoc
python3-protobuf /usr/lib/python3/dist-packages/google/protobuf
LIST
      ;;
    test)
      packages_for quickstart
      packages_for protos
      cat <<'LIST'
crun crun
debootstrap debootstrap
zstd zstd
skopeo skopeo
umoci umoci
tmux tmux
docker.io dockerd
nodejs node
npm npm
shellcheck shellcheck
LIST
      ;;
  esac
}

# static_busybox: where it is; fails where there is none, or only one that needs libraries.
static_busybox() {
  local candidate
  for candidate in /usr/bin/busybox /bin/busybox; do
    # A dynamic one names its loader.
    if [[ -x $candidate ]] && ! grep -qaE '/ld-(linux|musl)[^/]*\.so' "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# static_libc: where it is, with what programs need to be linked to it.
static_libc() {
  compgen -G '/usr/lib/*/libc.a' || compgen -G '/usr/lib*/libc.a'
}

is_there() {
  if [[ $1 == static_* ]]; then
    "$1" >/dev/null
  else
    [[ -e $1 ]] || command -v "$1" >/dev/null
  fi
}

# missing_packages PURPOSE: those that bring what is not there, one a line, each once.
missing_packages() {
  local package found candidate candidates
  packages_for "$1" | while read -r package candidates; do
    found=no
    for candidate in $candidates; do
      ! is_there "$candidate" || found=yes
    done
    [[ $found == yes ]] || echo "$package"
  done | awk '!seen[$0]++'
}

# Another apt may be at work: wait for it, up to five minutes.
readonly apt=(apt-get -o DPkg::Lock::Timeout=300)
readonly apt_install=("${apt[@]}" install -y --no-install-recommends)

update_lists() {
  "${apt[@]}" update
}

install_packages() {
  local log
  command -v apt-get >/dev/null || fail "no apt-get here; install by hand: $*"
  need_root "${apt_install[*]} $*"
  note "installing $*"
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # The lists of a fresh machine may be empty or too old to install from.
  if ! "${apt_install[@]}" "$@" &>"$log" && ! { update_lists && "${apt_install[@]}" "$@"; } &>"$log"; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}
