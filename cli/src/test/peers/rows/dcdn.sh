# A GraphSync in JavaScript that was written by itself: it fetches from us, we fetch from it, it pushes to us.
# shellcheck shell=bash

js_peer dcdn cli/src/test/peers/dcdn || return 0
dcdn() { timeout -k 5 "$limit" node "$peers/dcdn/peer.mjs" "$@"; }
readonly dcdn="@dcdn/graphsync 0.2.5"

# Not larger: it has its ciphers in JavaScript, and moves a few MiB in a second.
some=$(gopeer gen --size 8MiB --seed 10 --chunk $chunk --file "$work/some.bin" --out "$work/some.car" | member cid)
sluice provider import --chunk $chunk "$work/some.bin" >/dev/null

section "$dcdn" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"
ours=$(sed -n 's/^listening //p' "$work/provider.out")

dcdn_fetch() { # CID[/PATH] BLOCKS
  dcdn fetch "$ours" --cid "$1" --out "$work/dcdn.car" && holds dcdn.car "$2"
}
check "file of 8 MiB, over Noise" dcdn_fetch "$some" 33
check "folder" dcdn_fetch "$many" "${blocks[1]}"
check "path of a file" dcdn_fetch "$root/$deep" 18
check "path beyond ASCII" dcdn_fetch "$root/$named" 4
check "content that is missing" fails 1 'status 32' dcdn fetch "$ours" --cid "$missing" --out "$work/none.car"
section "$dcdn" "GraphSync 2.0.0" "it fetches from us"
check "a request without data transfer is refused" fails 1 'status 30' \
  dcdn fetch "$ours" --plain --cid "$many" --out "$work/none.car"

section "$dcdn" "GraphSync 2.0.0" "we fetch from it"
serve dcdn node "$peers/dcdn/peer.mjs" provide --car "$work/whole.car"
dcdn_retrieve() { # CID[/PATH] ORIGINAL
  rm -rf "$work/fetched"
  sluice dcdn retrieve "$1" --provider "$address" -o "$work/fetched" && diff -r "$work/fetched" "$work/content/$2"
}
sluice dcdn init >/dev/null
check "folder" dcdn_retrieve "$many" many
check "path of a file" dcdn_retrieve "$root/$deep" "$deep"
check "path beyond ASCII" dcdn_retrieve "$root/$named" "$named"
stop "$pid" || true

# It says nothing when its push is complete, so the transfer is left waiting; what it brought is here.
section "$dcdn" "GraphSync 2.0.0, data transfer 1.2.0" "it pushes to us"
sluice taker init >/dev/null
sluice taker receive allow "$(dcdn id --identity 1 | member peer)" --max 64MiB --pin >/dev/null
serve taker ./sluice --home "$work/taker" run --listen /ip4/127.0.0.1/tcp/0
dcdn_push() { # IDENTITY SIZE
  dcdn push "$address" --car "$work/some.car" --cid "$some" --identity "$1" --size "$2"
}
dcdn_pushed() {
  dcdn_push 1 8388608 || return
  for _ in $(seq 100); do
    sluice taker ls | grep -q "$some" && break
    sleep 0.1
  done
  rm -rf "$work/pushed"
  sluice taker export "$some" -o "$work/pushed" && cmp "$work/pushed" "$work/some.bin"
}
check "file of 8 MiB" dcdn_pushed
check "more than we take" fails 1 'refused' dcdn_push 1 100000000
check "from a peer that may not push" fails 1 'refused' dcdn_push 2 1000
stop "$pid" || true
