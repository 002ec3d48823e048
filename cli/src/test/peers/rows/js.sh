# js-libp2p dials a node of ours, and is dialled by commands of ours. What needs a protocol of the tests' own is in JsInteropTest.
# shellcheck shell=bash

js_peer js protocol/src/test/peers/js || return 0
js_dials() { # SECURITY ARGUMENT…
  local said
  said=$(timeout -k 5 "$limit" node "$peers/js/peer.mjs" dial "$address" --security "$1" --streams 0 "${@:2}") || {
    echo "$said"
    return 1
  }
  echo "$said"
  is agent sluice "$(member agent <<<"$said")"
}
too_many() { # SECURITY
  local said
  said=$(js_dials "$1" --ping-streams 1000 --at-once 1000) || { echo "$said"; return 1; }
  echo "$said"
  (($(member refused <<<"$said") > 0))
}
declare -A secured_by=([tls]=TLS [noise]=Noise)
readonly gib=1073741824

section "js-libp2p 3.3.11" "libp2p: TCP, yamux, identify, ping, perf" "it dials us"
sluice meeting init >/dev/null
SLUICE_NETWORK_PERF=all serve meeting ./sluice --home "$work/meeting" run --listen /ip4/127.0.0.1/tcp/0
for security in tls noise; do
  with=${secured_by[$security]}
  check "$with: identify, ping" js_dials $security
  check "$with: perf, 1 GiB each way on a stream that is half-closed between" js_dials $security --perf "$gib"
  check "$with: 1,000 streams, 50 at once, every tenth reset" js_dials $security --ping-streams 1000
  check "$with: 1,000 streams at once, which is too many: all are served, some later" too_many $security
done
stop "$pid"

section "js-libp2p 3.3.11" "libp2p: TCP, yamux, identify, ping, perf" "we dial it"
we_measure() {
  local said
  said=$(sluice meeting peers perf "$address" --up 1GiB --down 1GiB) || return
  echo "$said"
  is sent "$gib" "$(member uploadBytes <<<"$said")" && is received "$gib" "$(member downloadBytes <<<"$said")"
}
for security in tls noise; do
  with=${secured_by[$security]}
  serve "js-$security" node "$peers/js/peer.mjs" listen --security "$security"
  check "$with: ping" sluice meeting peers ping "$address"
  check "$with: perf, 1 GiB each way" we_measure
  stop "$pid"
done
