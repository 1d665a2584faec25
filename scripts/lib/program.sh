# shellcheck shell=bash disable=SC2154 # common.sh sets repository
# Running what the build left below target/; sourced after common.sh.

# shellcheck source=scripts/lib/java.sh
source "$repository/scripts/lib/java.sh"

readonly server_target=$repository/shim-server/target cli_target=$repository/shim-client/cli/target

# built_jar TARGET PREFIX: the newest of a program that was built there.
built_jar() {
  local jar
  [[ -d $1/lib ]] || fail "not built yet: run ./scripts/build first"
  jar=$(find "$1" -maxdepth 1 -name "$2-[0-9]*.jar" -not -name '*-sources.jar' -not -name '*-tests.jar' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
  [[ -n $jar ]] || fail "not built yet: run ./scripts/build first"
  echo "$jar"
}

# use_built TARGET PREFIX FLAG...: sets program to the JVM of the program that was built there, with its class path; its
# main class and arguments are to follow.
use_built() {
  local target=$1 prefix=$2 jar
  shift 2
  use_jdk
  jar=$(built_jar "$target" "$prefix")
  # Netty and the terminal reach into the JDK; it would warn at each start.
  program=("$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "$@"
    -cp "$jar:$target/lib/*")
}

# use_server [TARGET]
use_server() {
  use_built "${1-$server_target}" hawse-server -XX:+ExitOnOutOfMemoryError
  program+=(dev.hawse.server.Main)
}

# keep_server DIR: copies the server there and sets program to the copy. A JVM loads classes when it first needs them, and
# a build takes the jars away under one that runs from where they were built.
keep_server() {
  local jar
  jar=$(built_jar "$server_target" hawse-server)
  rm -rf "$1"
  mkdir "$1"
  cp "$jar" "$1/"
  cp -r "$server_target/lib" "$1/lib"
  use_server "$1"
}

# Where scripts/build keeps what the command line's JVM need not do again at each start. The JVM ignores it when the
# jars are others.
readonly cli_cache=$cli_target/hawse.aot

# use_cli FLAG...: short-lived, so the JVM is told to start fast rather than to run fast.
use_cli() {
  use_built "$cli_target" hawse-cli -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$@"
  program+=(dev.hawse.cli.Main)
}

# make_cli_cache: by one run that gets as far as a server that is not there.
make_cli_cache() {
  local fresh=$cli_cache.part-$$
  use_cli "-XX:AOTCacheOutput=$fresh"
  "${program[@]}" --address unix:/nonexistent/hawse.sock version &>/dev/null || true
  if [[ -s $fresh ]]; then
    mv "$fresh" "$cli_cache"
  else
    rm -f "$fresh" "$cli_cache"
  fi
}
