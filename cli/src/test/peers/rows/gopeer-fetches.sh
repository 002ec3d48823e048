# A client on go-data-transfer fetches from providers of ours: one that gives everything away, one that sells.
# shellcheck shell=bash

section "$go2" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"

gopeer_query() { # CID STATUS
  local answer
  answer=$(gopeer query --provider "$ours" --cid "$1") || return
  echo "$answer"
  is status "$2" "$(member status <<<"$answer")" && is price 0 "$(member pricePerByte <<<"$answer")"
}
gopeer_fetch() { # SECURITY CID BLOCKS
  gopeer fetch --security "$1" --provider "$ours" --cid "$2" --out "$work/got.car" && holds got.car "$3" "$2"
}
check "query: free content" gopeer_query "$big" available
check "query: content that is missing" gopeer_query "$missing" unavailable
check "file of 256 MiB, over TLS" gopeer_fetch tls "$big" "${blocks[0]}"
# Not the whole content: go-graphsync takes an empty block, that of an empty file, for a missing one, from anyone.
check "folder, over Noise" gopeer_fetch noise "$many" "${blocks[1]}"
check "content that is missing" fails 1 'DealNotFound' \
  gopeer fetch --provider "$ours" --cid "$missing" --out "$work/none.car"

## A provider of ours that sells, and has nothing for free

head -c 100000 "$work/content/big.bin" >"$work/priced.bin"
priced=$(sluice shop import "$work/priced.bin" | member cid)
sluice shop ask set --cid "$priced" --price-per-mib 1048577 >/dev/null
serve shop ./sluice --home "$work/shop" run --listen /ip4/127.0.0.1/tcp/0
ours=$address

gopeer_query_priced() {
  local answer
  answer=$(gopeer query --provider "$ours" --cid "$priced") || return
  echo "$answer"
  is price 2 "$(member pricePerByte <<<"$answer")" && is payee t00 "$(member paymentAddress <<<"$answer")"
}
check "query: priced content, payable to nobody" gopeer_query_priced
check "priced content, by lassie 0.25.0" fails 1 'rejected' lassie none.car "$priced"
check "priced content" fails 1 'Rejected' \
  gopeer fetch --provider "$ours" --cid "$priced" --out "$work/none.car"

