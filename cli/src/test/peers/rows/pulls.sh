# What either end does on the way of a pull: pause, cancel, cut the connection and restart. Once a client on
# go-data-transfer does it to our provider, once a provider to our client.
# shellcheck shell=bash

section "$go2" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"

ours=$(sed -n 's/^listening //p' "$work/provider.out" | head -n 1)

fetch_acting() { # MEMBER VALUE ARGUMENT…
  local fetched
  fetched=$(gopeer fetch --provider "$ours" --cid "$mid" --out "$work/got.car" --timeout 60s "${@:3}") ||
    { echo "$fetched"; return 1; }
  echo "$fetched"
  is "$1" "$2" "$(member "$1" <<<"$fetched")" && holds got.car "$mid_blocks" "$mid"
}
check "paused and resumed by the client" fetch_acting pauses 1 --pause-after 10MiB
check "restarted by the client after a cut" fetch_acting restarts 1 --cut-after 10MiB --restart
check "cancelled by the client" fails 1 'transfer ended Cancelled' \
  gopeer fetch --provider "$ours" --cid "$mid" --out "$work/got.car" --cancel-after 10MiB --timeout 60s
twice() {
  local one=0 two=0 other
  gopeer fetch --provider "$ours" --cid "$mid" --out "$work/one.car" & other=$!
  gopeer fetch --provider "$ours" --cid "$mid" --out "$work/two.car" || two=$?
  wait "$other" || one=$?
  is "exit codes" "0 0" "$one $two" && cmp "$work/one.car" "$work/two.car"
}
check "two transfers of one root at once" twice

section "$go2" "GraphSync 2.0.0, data transfer 1.2.0" "we fetch from it"

# A provider for each, since one acts once in each transfer, and a home that has nothing yet.
retrieve_acting() { # PROGRAM HOME ARGUMENT…
  local acting code=0
  [[ -d $work/$2 ]] || sluice "$2" init || return
  serve acting "$peers/$1" provide --car "$work/mid.car" "${@:3}"
  acting=$pid
  rm -rf "$work/out"
  sluice "$2" retrieve "$mid" --provider "$address" -o "$work/out" || code=$?
  sleep 0.5 # the provider hears of the end a little later
  kill "$acting"
  wait "$acting" || true
  tail -n 1 "$work/acting.out"
  return "$code"
}
acted() { # PROGRAM MEMBER VALUE HOME ARGUMENT…
  retrieve_acting "$1" "${@:4}" && cmp "$work/out" "$work/mid.bin" &&
    is "$2" "$3" "$(tail -n 1 "$work/acting.out" | member "$2")"
}
# It asks us to, by a message of its own, at the address that we listen at.
asked() { # PROGRAM HOME ARGUMENT…
  local node code=0
  sluice "$2" init || return
  serve "$2" ./sluice --home "$work/$2" run --listen /ip4/127.0.0.1/tcp/0
  node=$pid
  acted "$1" restarts 1 "${@:2}" --cut-after 10MiB --cut-for 50ms --restart && is errors "" "$(<"$work/acting.err")" || code=1
  stop "$node" || code=1
  return "$code"
}
check "paused and resumed by the provider" acted gopeer pauses 1 pausing --pause-after 10MiB
check "cut by the provider, restarted by us" acted gopeer restarts 1 cutting --cut-after 10MiB
check "cut by the provider, which asks us to restart" asked gopeer asking
check "cancelled by the provider" fails 1 'CANCELLED' retrieve_acting gopeer cancelling --cancel-after 10MiB
