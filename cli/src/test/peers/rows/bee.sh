# Pullsync with bee's own syncers, 2.8.1 (pullsync 1.4.0) and 1.0.0: chunks of Swarm pulled, kept and given on.
# shellcheck shell=bash

readonly bee_chunks=600 bee_later=20 bee_foreign=3
readonly bee_good=$((bee_chunks + bee_later - bee_foreign))

# A node of ours with that home, and content of its own, in the neighbourhood of a peer.
bee_node() { # HOME PEER'S ADDRESS
  SLUICE_PULLSYNC_BEE_ENABLED=true SLUICE_PULLSYNC_BEE_BATCHES=$bee_batch SLUICE_PULLSYNC_BEE_OVERLAY=$bee_overlay \
    SLUICE_PULLSYNC_BEE_NEIGHBOURS=$2 SLUICE_PULLSYNC_BEE_READERS=$bee_reader \
    serve "$1" ./sluice --home "$work/$1" run --listen /ip4/127.0.0.1/tcp/0
}

# A peer pulls all that our node has; they are the chunks of the digest, and no others.
bee_pulls() { # PEER [IDENTITY]
  local said
  said=$(timeout -k 5 "$limit" "$peers/$1" pull --identity "${2:-2}" --from "$address" --want "$bee_good" --timeout 90s) || {
    echo "$said"
    return 1
  }
  echo "$said"
  is chunks "$bee_good" "$(member chunks <<<"$said")" && is digest "$bee_digest" "$(member digest <<<"$said")"
}

bee_rows() { # PEER NAME VERSION
  local home=node-$1 from
  bee_batch=$("$peers/$1" batch | sed 's/.*"batch":"\([^"]*\)".*/\1/') # which has colons
  bee_overlay=$("$peers/$1" batch | member overlay)
  bee_reader=$("$peers/$1" id --identity 2 | member peer)
  sluice "$home" init >/dev/null
  sluice "$home" import "$work/content/$deep" >/dev/null
  serve "$1" "$peers/$1" serve --count "$bee_chunks" --later "$bee_later" --after 12s --foreign "$bee_foreign" --identity 1
  bee_source=$pid from=$address
  until bee_digest=$(tail -n 1 "$work/$1.out" | member digest) && [[ $bee_digest ]]; do sleep 0.1; done
  bee_node "$home" "$from"
  bee_pid=$pid

  section "$2" "pullsync $3" "we pull from it, and it from us"
  check "chunks of all lengths, and some that come later; those with stamps of somebody else are not kept" bee_pulls "$1"
  kill -9 "$bee_pid"
  kill "$bee_source"
  wait "$bee_pid" "$bee_source" 2>/dev/null || true # and bash says nothing of it
  bee_node "$home" "$from"
  bee_pid=$pid
  check "after a kill of our node, with nobody to pull from" bee_pulls "$1"
  check "by a peer that is neither neighbour nor reader" fails 1 '"ok":false' bee_pulls "$1" 3
}

bee_rows beepeer "bee 2.8.1" 1.4.0
check "by a bee of 1.0.0" bee_pulls beepeer1
check "our node stops in good order" stop "$bee_pid"
bee_rows beepeer1 "bee 1.0.0" 1.0.0
check "by a bee of 2.8.1" bee_pulls beepeer
check "our node stops in good order" stop "$bee_pid"
