# dsync over HTTP and libp2p with qri-io/dag 0.2.2, the original: whole DAGs pushed, pulled and unpinned.
# shellcheck shell=bash

readonly dag="qri-io/dag 0.2.2" dsync="dsync 0.2.0 over HTTP" dsync_p2p="dsync 0.2.0 over libp2p"

# It reads no CARs of version 2. Half is the first half of the middling file: the same leaves, under another root.
gopeer gen --size 48MiB --seed 9 --chunk $chunk --car-v1 --out "$work/mid1.car" >/dev/null
half=$(gopeer gen --size 24MiB --seed 9 --chunk $chunk --car-v1 --out "$work/half.car" | member blocks)
readonly all_but_half=$((mid_blocks - half + 1))

# Something that its server does not have, to be refused.
deep_root=$(sluice provider import "$work/content/$deep" | member cid)

# Its server, anew for each row; what it says of its hooks is in dag.out.
dag_serve() { # ARGUMENT…
  serve dag "$peers/dsyncpeer" serve --out "$work/got.car" "$@"
  dag_pid=$pid
}

# A push to a server of those arguments; so many blocks were missing there, and now it has all.
dag_takes() { # "SERVER'S ARGUMENTS" MISSING PUSH'S ARGUMENT…
  local said code=0
  rm -f "$work/got.car"
  # shellcheck disable=SC2086 # several arguments
  dag_serve --allow-push $1
  said=$(sluice provider push "$mid" --to "$address" "${@:3}") || code=$?
  kill "$dag_pid"
  echo "$said"
  tail -n 1 "$work/dag.out"
  ((code == 0)) && is missing "$2" "$(member missing <<<"$said")" && is sent "$2" "$(member sent <<<"$said")" &&
    is event complete "$(member event <"$work/dag.out")" && holds got.car "$mid_blocks" "$mid"
}

dag_pins() { # SERVER'S ARGUMENT…
  dag_takes "--pin $*" "$mid_blocks" --pin --meta hello=world --meta 'this is=fun' &&
    is pinned true "$(member pinned <"$work/dag.out")" &&
    tail -n 1 "$work/dag.out" | grep -F '"meta":{"hello":"world","this is":"fun"}'
}

# A second push of the same finds all there.
dag_has_it() { # SERVER'S ARGUMENT…
  local said code=0
  dag_serve --allow-push --car "$work/mid1.car" "$@"
  said=$(sluice provider push "$mid" --to "$address") || code=$?
  kill "$dag_pid"
  echo "$said"
  ((code == 0)) && is missing 0 "$(member missing <<<"$said")" && is sent 0 "$(member sent <<<"$said")"
}

# A pull by a home that has that much already; so many blocks were missing here.
dag_gives() { # HOME "SERVER'S ARGUMENTS" MISSING [CAR]
  local said code=0
  sluice "$1" init >/dev/null || return
  [[ -z ${4:-} ]] || sluice "$1" import --car "$work/$4" >/dev/null || return
  # shellcheck disable=SC2086 # several arguments
  dag_serve --car "$work/mid1.car" $2
  rm -f "$work/pulled.bin"
  said=$(sluice "$1" pull "$mid" --from "$address" -o "$work/pulled.bin") || code=$?
  kill "$dag_pid"
  echo "$said"
  ((code == 0)) && is missing "$3" "$(member missing <<<"$said")" && is sent "$3" "$(member sent <<<"$said")" &&
    cmp "$work/pulled.bin" "$work/mid.bin"
}

# What a server of those arguments answers to a command of ours.
dag_answers() { # "SERVER'S ARGUMENTS" HOME COMMAND CID OPTION
  local code=0
  # shellcheck disable=SC2086 # several arguments
  dag_serve --car "$work/mid1.car" $1
  sluice "$2" "$3" "$4" "$5" "$address" || code=$?
  kill "$dag_pid"
  return "$code"
}

# Pinned by a push, then let go of, once.
dag_unpins() { # SERVER'S ARGUMENT…
  local code=0
  dag_serve --allow-push --pin --allow-remove "$@"
  sluice provider push "$mid" --to "$address" --pin && sluice provider unpin "$mid" --at "$address" &&
    fails 3 'not pinned' sluice provider unpin "$mid" --at "$address" || code=$?
  kill "$dag_pid"
  return "$code"
}

section "$dag" "$dsync" "we push to it"
check "file of 48 MiB as one archive" dag_takes "" "$mid_blocks"
check "block by block, as to one before 0.2" dag_takes --old "$mid_blocks"
check "half of it is there already" dag_takes "--car $work/half.car" "$all_but_half"
check "half of it is there already, block by block" dag_takes "--old --car $work/half.car" "$all_but_half"
check "half of it is there, and it wants all" dag_takes "--require-all --car $work/half.car" "$mid_blocks"
check "all of it is there already" dag_has_it
check "with a pin, and something for its hooks" dag_pins
check "to one that takes no pushes" fails 3 'not configured to accept' dag_answers "" provider push "$deep_root" --to
for hook in pre-check final-check complete; do
  check "refused by $hook" fails 3 "$hook says no" dag_answers "--allow-push --refuse $hook" provider push "$deep_root" --to
done
check "refused by final-check, block by block" fails 3 'final-check says no' \
  dag_answers "--allow-push --old --refuse final-check" provider push "$deep_root" --to
check "unpinned" dag_unpins
check "not unpinned where it removes nothing" fails 3 'remove is not supported' dag_answers --pin provider unpin "$mid" --at
check "not unpinned where remove is refused" fails 3 'remove says no' \
  dag_answers "--pin --allow-remove --refuse remove" provider unpin "$mid" --at

section "$dag" "$dsync" "we pull from it"
check "file of 48 MiB as one archive" dag_gives pulls-all "" "$mid_blocks"
check "block by block, as from one before 0.2" dag_gives pulls-old --old "$mid_blocks"
check "half of it is here already" dag_gives pulls-half "" "$all_but_half" half.car
check "half of it is here already, block by block" dag_gives pulls-old-half --old "$all_but_half" half.car
check "of something it does not have" fails 4 'NOT_FOUND' dag_answers "" check pull "$missing" --from
for hook in info stream; do
  check "refused by $hook" fails 3 "$hook says no" dag_answers "--refuse $hook" check pull "$mid" --from
done

# Over libp2p it knows no archives, and ends without a word what it refuses at the beginning.
section "$dag" "$dsync_p2p" "we push to it"
check "file of 48 MiB" dag_takes --libp2p "$mid_blocks"
check "half of it is there already" dag_takes "--libp2p --car $work/half.car" "$all_but_half"
check "half of it is there, and it wants all" dag_takes "--libp2p --require-all --car $work/half.car" "$mid_blocks"
check "all of it is there already" dag_has_it --libp2p
check "with a pin, and something for its hooks" dag_pins --libp2p
check "to one that takes no pushes" fails 3 'takes no such push' dag_answers --libp2p provider push "$deep_root" --to
check "refused by pre-check" fails 3 'takes no such push' \
  dag_answers "--libp2p --allow-push --refuse pre-check" provider push "$deep_root" --to
for hook in final-check complete; do
  check "refused by $hook" fails 3 "$hook says no" \
    dag_answers "--libp2p --allow-push --refuse $hook" provider push "$deep_root" --to
done
check "unpinned" dag_unpins --libp2p
check "not unpinned where it removes nothing" fails 3 'remove is not supported' \
  dag_answers "--libp2p --pin" provider unpin "$mid" --at
check "not unpinned where remove is refused" fails 3 'remove says no' \
  dag_answers "--libp2p --pin --allow-remove --refuse remove" provider unpin "$mid" --at

section "$dag" "$dsync_p2p" "we pull from it"
check "file of 48 MiB" dag_gives pulls-p2p --libp2p "$mid_blocks"
check "half of it is here already" dag_gives pulls-p2p-half --libp2p "$all_but_half" half.car
check "of something it does not have" fails 4 'NOT_FOUND' dag_answers --libp2p check pull "$missing" --from
check "refused by info" fails 3 "info says no" dag_answers "--libp2p --refuse info" check pull "$mid" --from

## The other way round: a node of ours that takes and gives by dsync

sluice synced init >/dev/null
token=$(sluice synced grants add token --push --read --remove | member token)
SLUICE_CONTENT_LISTEN=127.0.0.1:0 serve synced ./sluice --home "$work/synced" run --listen /ip4/127.0.0.1/tcp/0
synced_pid=$pid
synced_address=$address
synced_url=$(sed -n 's/^dsync //p' "$work/synced.out" | head -n 1)

# What the original's client does at our node: with the token, or as the peer that was granted the same.
dag_asks() { # COMMAND OPTION ARGUMENT…
  timeout -k 5 "$limit" "$peers/dsyncpeer" "$1" --cid "$mid" "$2" "$synced_url" "${@:3}"
}
# Over libp2p it has a stream for each block, all at once, and waits for ever for one that is refused.
crowd=$(gopeer gen --size 64MiB --seed 13 --chunk 32KiB --car-v1 --out "$work/crowd.car" --file "$work/crowd.bin")
crowd_blocks=$(member blocks <<<"$crowd") crowd=$(member cid <<<"$crowd")
some=$(gopeer gen --size 12MiB --seed 11 --chunk $chunk --car-v1 --out "$work/some.car" --file "$work/some.bin")
some_blocks=$(member blocks <<<"$some") some=$(member cid <<<"$some")
part=$(gopeer gen --size 6MiB --seed 11 --chunk $chunk --car-v1 --out "$work/part.car" | member blocks)
dag_asks_p2p() { # COMMAND OPTION ARGUMENT…
  timeout -k 5 "$limit" "$peers/dsyncpeer" "$1" --cid "$some" "$2" "$synced_address" "${@:3}"
}
dag_crowds() { # COMMAND OPTION ARGUMENT…
  timeout -k 5 "$limit" "$peers/dsyncpeer" "$1" --cid "$crowd" "$2" "$synced_address" --name granted "${@:3}"
}
sluice synced grants add "$("$peers/dsyncpeer" id --name granted | member peerId)" --push --read --remove >/dev/null

is_exported() { # CID FILE
  rm -rf "$work/exported"
  sluice synced export "$1" -o "$work/exported" && cmp "$work/exported" "$work/$2"
}
dag_pushes() { # ARGUMENT…
  dag_asks push --to --car "$work/mid1.car" --token "$token" "$@" && is_exported "$mid" mid.bin
}
dag_pushes_p2p() {
  dag_asks_p2p push --to --car "$work/some.car" --name granted --pin && is_exported "$some" some.bin
}
dag_pushes_crowd() {
  dag_crowds push --to --car "$work/crowd.car" --pin && is_exported "$crowd" crowd.bin
}
dag_pulls_crowd() {
  local said
  rm -f "$work/got.car"
  said=$(dag_crowds pull --from --out "$work/got.car") || return
  echo "$said"
  is received "$crowd_blocks" "$(member received <<<"$said")" && holds got.car "$crowd_blocks" "$crowd"
}
dag_pulls() { # RECEIVED ARGUMENT…
  local said
  rm -f "$work/got.car"
  said=$(dag_asks pull --from --out "$work/got.car" --token "$token" "${@:2}") || return
  echo "$said"
  is received "$1" "$(member received <<<"$said")" && holds got.car "$mid_blocks" "$mid"
}
dag_pulls_p2p() { # RECEIVED ARGUMENT…
  local said
  rm -f "$work/got.car"
  said=$(dag_asks_p2p pull --from --out "$work/got.car" --name granted "${@:2}") || return
  echo "$said"
  is received "$1" "$(member received <<<"$said")" && holds got.car "$some_blocks" "$some"
}
gives_room() { # what nobody needs any more goes
  local freed
  freed=$(sluice synced gc) && is freedBlocks "$mid_blocks" "$(member freedBlocks <<<"$freed")"
}
we_push_and_pull() {
  printf '%s\n' "$token" >"$work/token"
  sluice provider push "$mid" --to "$synced_url" --pin --token "$work/token" && sluice pulls-ours init &&
    sluice pulls-ours pull "$mid" --from "$synced_url" --token "$work/token" -o "$work/pulled-ours.bin" &&
    cmp "$work/pulled-ours.bin" "$work/mid.bin"
}

section "$dag" "$dsync" "it pushes to us"
check "without a grant" fails 1 '"ok":false' dag_asks push --to --car "$work/mid1.car"
check "file of 48 MiB as one archive" dag_pushes --pin
check "all of it is there already" dag_pushes --pin
check "content that it may not remove" fails 1 '"ok":false' dag_asks remove --at
check "content that it may remove" dag_asks remove --at --token "$token"
check "room of what it removed comes back" gives_room
check "file of 48 MiB block by block" dag_pushes --pin --blocks

section "$dag" "$dsync" "it pulls from us"
check "after a push of ours, which a home of ours pulls" we_push_and_pull
check "file of 48 MiB as one archive" dag_pulls "$mid_blocks"
check "block by block" dag_pulls "$mid_blocks" --blocks
check "its list of blocks" dag_asks info --from --token "$token"
check "a block" dag_asks block --from --token "$token"
check "without a grant" fails 1 402 dag_asks pull --from --out "$work/got.car"

section "$dag" "$dsync_p2p" "it pushes to us"
check "without a grant" fails 1 '"ok":false' dag_asks_p2p push --to --car "$work/some.car"
check "file of 12 MiB" dag_pushes_p2p
check "all of it is there already" dag_pushes_p2p
check "file of more than 2,000 blocks, on as many streams at once" dag_pushes_crowd

section "$dag" "$dsync_p2p" "it pulls from us"
check "file of 12 MiB" dag_pulls_p2p "$some_blocks"
check "file of more than 2,000 blocks, on as many streams at once" dag_pulls_crowd
check "half of it is there already" dag_pulls_p2p $((some_blocks - part + 1)) --car "$work/part.car"
check "its list of blocks" dag_asks_p2p info --from --name granted
check "a block" dag_asks_p2p block --from --name granted
check "without a grant" fails 1 '"ok":false' dag_asks_p2p info --from
check "content that it may not remove" fails 1 'remove is not supported' dag_asks_p2p remove --at
check "content that it may remove" dag_asks_p2p remove --at --name granted
check "our node stops in good order" stop "$synced_pid"

## Refused by somebody whom our node asks

cat >"$work/decides" <<END
#!/bin/sh
grep -q "\"hook\":\"\$(cat "$work/refused")\"" || exit 0
echo "\$(cat "$work/refused") says no"
exit 1
END
chmod +x "$work/decides"
small=$(gopeer gen --size 1MiB --seed 10 --car-v1 --out "$work/small.car" | member cid)
SLUICE_DSYNC_ASK=$work/decides SLUICE_CONTENT_LISTEN=127.0.0.1:0 \
  serve synced ./sluice --home "$work/synced" run --listen /ip4/127.0.0.1/tcp/0
synced_pid=$pid
synced_address=$address
synced_url=$(sed -n 's/^dsync //p' "$work/synced.out" | head -n 1)

refused_by() { # HOOK EXIT WORDS ADDRESS COMMAND OPTION ARGUMENT…
  printf '%s' "$1" >"$work/refused"
  fails "$2" "$3" \
    timeout -k 5 "$limit" "$peers/dsyncpeer" "$5" --cid "$small" "$6" "$4" "${@:7}" --token "$token" --name granted
}
section "$dag" "$dsync" "it is refused by who decides for us"
for hook in push-begins push-arrived push-completed; do
  check "$hook" refused_by "$hook" 1 "$hook says no" "$synced_url" push --to --car "$work/small.car" --pin
done
check "info-asked" refused_by info-asked 1 'info-asked says no' "$synced_url" info --from
check "block-asked" refused_by block-asked 1 'block-asked says no' "$synced_url" block --from
check "blocks-asked" refused_by blocks-asked 1 'blocks-asked says no' "$synced_url" pull --from --out "$work/got.car"
check "removal-asked" refused_by removal-asked 1 'removal-asked says no' "$synced_url" remove --at

# Over libp2p it looks at what a refused request brought, and not at the reason: it misses the end, or has a wrong block.
section "$dag" "$dsync_p2p" "it is refused by who decides for us"
check "push-begins" refused_by push-begins 1 EOF "$synced_address" push --to --car "$work/small.car"
check "push-completed" refused_by push-completed 1 EOF "$synced_address" push --to --car "$work/small.car"
check "info-asked" refused_by info-asked 1 EOF "$synced_address" info --from
check "block-asked" refused_by block-asked 0 '"ok":false' "$synced_address" block --from
check "removal-asked" refused_by removal-asked 1 'removal-asked says no' "$synced_address" remove --at
check "our node stops in good order" stop "$synced_pid"
