# shellcheck shell=bash disable=SC2154 # common.sh sets repository
# Running what the build left below target/; sourced after common.sh.

# shellcheck source=scripts/lib/java.sh
source "$repository/scripts/lib/java.sh"

# use_built MODULE JAR_PREFIX: sets jar and class_path to the program that was built in the module, and java to its JVM.
use_built() {
  local target=$repository/$1/target
  use_jdk
  [[ -d $target/lib ]] || fail "not built yet: run ./scripts/build first"
  jar=$(find "$target" -maxdepth 1 -name "$2-[0-9]*.jar" -not -name '*-sources.jar' -not -name '*-tests.jar' \
    -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
  [[ -n $jar ]] || fail "not built yet: run ./scripts/build first"
  # shellcheck disable=SC2034  # for those who source this
  java=$JAVA_HOME/bin/java class_path="$jar:$target/lib/*"
}
