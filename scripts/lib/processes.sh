# shellcheck shell=bash
# Processes by what they were started with, never by a remembered pid alone; sourced after common.sh.
#
# A process is written PID:START, START being its start time in clock ticks since boot: a pid that was given to another
# process in the meantime does not match any more.

# start_time PID: field 22 of its stat; the name before it may hold blanks, so count from the last parenthesis.
start_time() {
  local stat fields
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  # A zombie has ended: only its parent has not looked yet.
  [[ ${fields[0]} != Z ]] || return 1
  echo "${fields[19]}"
}

# processes_with OPTION VALUE: those on whose command line the two follow each other, one PID:START a line.
processes_with() {
  local directory pid arguments i start
  for directory in /proc/[0-9]*; do
    pid=${directory#/proc/}
    # Kernel threads have no command line, and a process may end at any time.
    { mapfile -d '' -t arguments <"$directory/cmdline"; } 2>/dev/null || continue
    for ((i = 1; i + 1 < ${#arguments[@]}; i++)); do
      [[ ${arguments[i]} == "$1" && ${arguments[i + 1]} == "$2" ]] || continue
      ! start=$(start_time "$pid") || echo "$pid:$start"
      break
    done
  done
}

# processes_below DIR OPTION...: those on whose command line one of the options is followed by a path below the directory,
# or has it behind a "=".
processes_below() {
  local below=$1 directory pid arguments i option value start
  shift
  for directory in /proc/[0-9]*; do
    pid=${directory#/proc/}
    { mapfile -d '' -t arguments <"$directory/cmdline"; } 2>/dev/null || continue
    for ((i = 1; i < ${#arguments[@]}; i++)); do
      for option; do
        case ${arguments[i]} in
          "$option") value=${arguments[i + 1]-} ;;
          "$option="*) value=${arguments[i]#*=} ;;
          *) continue ;;
        esac
        [[ ${value#unix:} == "$below"/* ]] || continue
        ! start=$(start_time "$pid") || echo "$pid:$start"
        break 2
      done
    done
  done
}

is_alive() {
  [[ $(start_time "${1%:*}") == "${1#*:}" ]]
}

has_ended() {
  ! is_alive "$1"
}

# signal SIGNAL PROCESS...: to those that still are who they were.
signal() {
  local name=$1 process
  shift
  for process; do
    ! is_alive "$process" || kill -s "$name" "${process%:*}" 2>/dev/null || true
  done
}

# end GRACE_SECONDS PROCESS...: SIGTERM, SIGKILL after the grace, and waits until all are gone.
end() {
  local grace=$1 process
  shift
  signal TERM "$@"
  for process; do
    await "$grace" has_ended "$process" || signal KILL "$process"
    await 10 has_ended "$process" || note "process ${process%:*} does not end, even by SIGKILL"
  done
}
