# shellcheck shell=bash
# Finding a JDK that is new enough; sourced after common.sh.

readonly required_java=25

# java_major HOME: the major version of the JDK there; fails where there is none.
java_major() {
  local version
  [[ -x $1/bin/javac && -r $1/release ]] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [[ -n $version ]] && echo "$version"
}

# find_jdk: the home of the JDK to use: JAVA_HOME if it is new enough, else the newest below /usr/lib/jvm, else the one
# on PATH. Fails, silently, when none is new enough.
find_jdk() {
  local home major best='' best_major=$((required_java - 1))
  if [[ -n ${JAVA_HOME-} ]] && major=$(java_major "$JAVA_HOME") && ((major >= required_java)); then
    echo "$JAVA_HOME"
    return
  fi
  for home in /usr/lib/jvm/*/; do
    home=${home%/}
    if major=$(java_major "$home") && ((major > best_major)); then
      best=$home best_major=$major
    fi
  done
  if [[ -z $best ]] && home=$(command -v javac); then
    home=$(readlink -f "$home")
    home=${home%/bin/javac}
    if major=$(java_major "$home") && ((major >= required_java)); then
      best=$home
    fi
  fi
  [[ -n $best ]] && echo "$best"
}

jdk_advice() {
  cat <<ADVICE
no JDK $required_java or newer found (looked at JAVA_HOME, /usr/lib/jvm and PATH).
  Debian 13 and newer, Ubuntu:  apt-get install openjdk-$required_java-jdk-headless
  Debian 12:                    has none; unpack any JDK $required_java build below /usr/lib/jvm, or set JAVA_HOME
ADVICE
}

# use_jdk: sets and exports JAVA_HOME, or says how to get a JDK and ends the script.
use_jdk() {
  JAVA_HOME=$(find_jdk) || fail "$(jdk_advice)"
  export JAVA_HOME
}
