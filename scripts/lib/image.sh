# shellcheck shell=bash
# Image archives in the form of `docker save`, with one layer; sourced after common.sh.

# archive OUT DIR: its entries sorted, with numbers for owners and one time for all, so that the same files give the same
# bytes.
archive() {
  (cd "$2" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort \
    | tar --create --file="$1" --no-recursion --files-from=- --format=ustar --numeric-owner --mtime=@1704067200)
}

check_image_name() {
  [[ $1 =~ ^[a-z0-9./:_-]+:[A-Za-z0-9._-]+$ ]] \
    || fail "NAME:TAG: lower case letters, digits and ./:_- with a tag (got $1)"
}

image_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) fail "$(uname -m): neither x86_64 nor aarch64" ;;
  esac
}

# make_image OUT NAME:TAG LAYER.tar COMMAND HISTORY WORK: an image of that layer, which runs COMMAND. Takes the layer
# away; WORK is an empty directory on the same file system.
make_image() {
  local out=$1 name=$2 layer=$3 command=$4 history=$5 work=$6 architecture diff_id config
  architecture=$(image_architecture)
  diff_id=$(sha256sum "$layer" | cut -d' ' -f1)
  mkdir "$work/$diff_id"
  mv "$layer" "$work/$diff_id/layer.tar"
  cat >"$work/config" <<JSON
{
  "architecture": "$architecture",
  "os": "linux",
  "created": "2024-01-01T00:00:00Z",
  "config": {
    "Cmd": ["$command"],
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "WorkingDir": "/"
  },
  "rootfs": {"type": "layers", "diff_ids": ["sha256:$diff_id"]},
  "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "$history"}]
}
JSON
  config=$(sha256sum "$work/config" | cut -d' ' -f1).json
  mv "$work/config" "$work/$config"
  echo "[{\"Config\":\"$config\",\"RepoTags\":[\"$name\"],\"Layers\":[\"$diff_id/layer.tar\"]}]" >"$work/manifest.json"
  chmod -R u=rwX,go=rX "$work"
  chown -R 0:0 "$work" 2>/dev/null || true
  mkdir -p "$(dirname "$out")"
  # In one step: whoever reads OUT finds the whole image or none.
  archive "$out.part-$$" "$work"
  mv "$out.part-$$" "$out"
}
