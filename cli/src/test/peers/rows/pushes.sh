# Pushes, in both directions. Between programs on go-data-transfer they are in ../pushes, which tells a difference of ours from
# one of theirs.
# shellcheck shell=bash

readonly pusher=4711 # the number that the pushing peer's key is derived from

# A receiver on go-data-transfer, anew for each push since it takes one; then we push to it.
push_to() { # PROGRAM "RECEIVER'S ARGUMENTS" MEMBER VALUE
  local receiver said code=0
  rm -f "$work/received.car"
  # shellcheck disable=SC2086 # several arguments
  serve receiver "$peers/$1" receive --out "$work/received.car" --timeout 60s $2
  receiver=$pid
  said=$(sluice provider push "$mid" --to "$address") || code=$?
  echo "$said"
  # One that refused has nothing to end.
  ((code == 0)) || kill "$receiver" 2>/dev/null || true
  wait "$receiver" || true
  tail -n 1 "$work/receiver.out"
  ((code == 0)) || return "$code"
  is "$3" "$4" "$(tail -n 1 "$work/receiver.out" | member "$3")" || return
  cp "$work/received.car" "$work/got.car" && holds got.car "$mid_blocks" "$mid"
}

# A receiver that wants further vouchers: each time that it waits, another command gives one beside the push.
vouched() { # PROGRAM "RECEIVER'S ARGUMENTS" VOUCHERS
  local pushing id shown waited given=0 code=0
  push_to "$1" "$2" vouchers $(($3 + 1)) >"$work/vouched" 2>&1 &
  pushing=$!
  for _ in $(seq 100); do
    sleep 0.3
    kill -0 $pushing 2>/dev/null || break
    id=$(sluice provider transfers ls | live_pushes)
    [[ $id ]] || continue
    shown=$(sluice provider transfers show "$id")
    waited=$(members event <<<"$shown" | grep -c PAUSE_RESPONDER || true)
    [[ $(member status <<<"$shown") != RESPONDER_FINALIZING* ]] || waited=$((waited + 1))
    ((waited > given)) || continue
    sluice provider transfers voucher "$id" --voucher-type SluicePush/1 --voucher "$work/voucher.json" || return
    given=$((given + 1))
  done
  wait $pushing || code=$?
  cat "$work/vouched"
  ((code == 0)) || return $code
  is "vouchers given" "$3" "$given"
}
live_pushes() { # the pushes that have not ended, from transfers ls
  tail -n 1 | sed 's/},{/}\n{/g' | grep '"direction":"push"' | grep '"ended":false' | member id
}
printf '{"Size":1}' >"$work/voucher.json"

# A peer on go-data-transfer pushes to a home of ours, each time one that has nothing yet.
push_from() { # PROGRAM HOME "SIZE ALLOWED" MEMBER VALUE SENDER'S ARGUMENT…
  local node said code=0
  sluice "$2" init >/dev/null || return
  [[ -z $3 ]] || sluice "$2" receive allow "$(gopeer id --identity $pusher | member peerId)" --max "$3" || return
  serve "$2" ./sluice --home "$work/$2" run --listen /ip4/127.0.0.1/tcp/0
  node=$pid
  said=$(timeout -k 5 "$limit" "$peers/$1" push --identity $pusher --to "$address" --car "$work/mid.car" --cid "$mid" \
    --timeout 60s "${@:6}") || code=$?
  echo "$said"
  if ((code == 0)); then
    rm -rf "$work/exported"
    is "$4" "$5" "$(member "$4" <<<"$said")" && sluice "$2" export "$mid" -o "$work/exported" &&
      cmp "$work/exported" "$work/mid.bin" || code=1
  fi
  stop "$node" || code=1
  return "$code"
}

pushes_both_ways() { # GENERATION VERSION PROGRAM
  local program=$3
  section "$1" "GraphSync $2, data transfer 1.2.0" "we push to it"
  check "file of 48 MiB" push_to $program "" status Completed
  check "more than it takes" fails 3 'at most 1000 bytes' push_to $program "--max 1000" status Completed
  check "paused and resumed by the receiver" push_to $program "--pause-after 10MiB" pauses 1
  check "cut by the receiver, restarted by us" push_to $program "--cut-after 10MiB" restarts 1
  check "cut by the receiver, restarted by both" push_to $program "--cut-after 10MiB --cut-for 50ms --restart" status Completed
  check "limited, with further vouchers" vouched $program "--limit 20MiB" 2
  check "with a last voucher" vouched $program "--last-voucher" 1
  check "limited, with further vouchers and a last one" vouched $program "--limit 20MiB --last-voucher" 3
  check "a further voucher refused" fails 3 'no more' vouched $program "--limit 20MiB --refuse-vouchers" 1
  check "cancelled by the receiver" fails 1 'CANCELLED' push_to $program "--cancel-after 10MiB" status Completed

  section "$1" "GraphSync $2, data transfer 1.2.0" "it pushes to us"
  check "file of 48 MiB" push_from $program taking-$program 1GiB status Completed
  check "from a peer that may not" fails 1 'response rejected' push_from $program refusing-$program "" status Completed
  check "more than it may" fails 1 'response rejected' push_from $program small-$program 1MiB status Completed
  check "paused and resumed by the sender" push_from $program pausing-$program 1GiB pauses 1 --pause-after 10MiB
  check "cut and restarted by the sender" push_from $program cutting-$program 1GiB restarts 1 --cut-after 10MiB --restart
  check "cancelled by the sender" fails 1 'Cancelled' push_from $program ending-$program 1GiB status Completed --cancel-after 10MiB
}
pushes_both_ways "$go2" 2.0.0 gopeer
pushes_both_ways "$go1" 2.0.0 gopeer1
pushes_both_ways "$go14" 1.0.0 gopeer14
