# shellcheck shell=bash disable=SC2154 # common.sh sets repository
# Running what the build left below target/; sourced after common.sh.

# shellcheck source=scripts/lib/java.sh
source "$repository/scripts/lib/java.sh"

# use_built MODULE JAR_PREFIX FLAG...: sets program to the JVM of the program that was built in the module, with its
# class path; its main class and arguments are to follow.
use_built() {
  local target=$repository/$1/target prefix=$2 jar
  shift 2
  use_jdk
  [[ -d $target/lib ]] || fail "not built yet: run ./scripts/build first"
  jar=$(find "$target" -maxdepth 1 -name "$prefix-[0-9]*.jar" -not -name '*-sources.jar' -not -name '*-tests.jar' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
  [[ -n $jar ]] || fail "not built yet: run ./scripts/build first"
  # Netty and the terminal reach into the JDK; it would warn at each start.
  program=("$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "$@"
    -cp "$jar:$target/lib/*")
}

use_server() {
  use_built shim-server hawse-server -XX:+ExitOnOutOfMemoryError
  program+=(dev.hawse.server.Main)
}

# Where scripts/build keeps what the command line's JVM need not do again at each start. The JVM ignores it when the
# jars are others.
readonly cli_cache=$repository/shim-client/cli/target/hawse.aot

# use_cli FLAG...: short-lived, so the JVM is told to start fast rather than to run fast.
use_cli() {
  use_built shim-client/cli hawse-cli -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$@"
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
