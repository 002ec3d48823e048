# After all that was given away: nobody has paid anything.
# shellcheck shell=bash

section "all peers above" "free content" "both ways"

nothing() { # HOME
  local books sum
  books=$(sluice "$1" books) || return
  echo "$books"
  for sum in earned spent owed outstanding; do is $sum 0 "$(member $sum <<<"$books")" || return; done
}
check "our books as provider: nothing" nothing provider
check "our books as client: nothing" nothing client
check "our provider stops in good order" stop "$provider_pid"

