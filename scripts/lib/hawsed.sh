# shellcheck shell=bash disable=SC2154 # state.sh sets the paths
# hawsed of a state directory; sourced after common.sh, processes.sh, state.sh and containerd.sh. What starts it needs
# program.sh, too.

state_hawsed() {
  processes_with --listen "$hawse_address"
}

# A state works on a containerd of its own, unless `up --containerd` named another.
is_foreign() {
  [[ -e $state/foreign-containerd ]]
}

backing_containerd() {
  if is_foreign; then
    cat "$state/foreign-containerd"
  else
    echo "$containerd_address"
  fi
}

hawse_namespace() {
  if is_foreign; then
    echo hawse
  else
    echo "$namespace"
  fi
}

hawsed_serves() {
  [[ -S $hawse_socket ]] && timeout 20 "$repository/scripts/hawse" --address "$hawse_address" version &>/dev/null
}

# A socket that a killed one left lies there before the new one listens, so the answer counts.
hawsed_serves_or_ended() {
  has_ended "$1" || hawsed_serves
}

start_hawsed() {
  local process pid
  process=$(state_hawsed)
  if [[ -z $process ]]; then
    keep_server "$state/program"
    setsid "${program[@]}" --listen "$hawse_address" --containerd-address "$(backing_containerd)" \
      --namespace "$(hawse_namespace)" --state-dir "$state/hawse/state" --run-dir "$state/hawse/run" \
      >>"$hawse_log" 2>&1 </dev/null 9>&- &
    pid=$!
    process=$pid:$(start_time "$pid") || fail "hawsed ended at once: $(tail -n 5 "$hawse_log")"
  fi
  await 60 hawsed_serves_or_ended "$process" || fail "hawsed does not answer after 60 s, see $hawse_log"
  is_alive "$process" || fail "hawsed ended: $(tail -n 5 "$hawse_log")"
}

# Its grace is longer than the one that hawsed gives its calls. Those that tests started below tmp nobody needs any more.
stop_hawsed() {
  # shellcheck disable=SC2046  # one word per process
  end 20 $(state_hawsed)
  # shellcheck disable=SC2046
  end 1 $(processes_below "$state/tmp" --listen)
}

# loggers_of_state: the programs that write containers' logs; each ends by itself with its container.
loggers_of_state() {
  local directory start
  for directory in /proc/[0-9]*; do
    if grep -qsz "^$state/.*/bin/hawse-logger" "$directory/cmdline" && start=$(start_time "${directory#/proc/}"); then
      echo "${directory#/proc/}:$start"
    fi
  done
}

no_logger() {
  [[ -z $(loggers_of_state) ]]
}
