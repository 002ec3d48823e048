# 10,000 blocks of 1 KiB, over every way there is: what counts is that none is lost, and that it does not take for ever.
# shellcheck shell=bash

generated=$(gopeer gen --size 10000KiB --seed 12 --chunk 1KiB --file "$work/small.bin" --out "$work/small.car")
small=$(member cid <<<"$generated") small_blocks=$(member blocks <<<"$generated")
sluice provider import --car --in-place "$work/small.car" >/dev/null
ours=$(sed -n 's/^listening //p' "$work/provider.out" | head -n 1)

many_to_them() { # PROGRAM ARGUMENT…
  timeout -k 5 "$limit" "$peers/$1" fetch --provider "$ours" --cid "$small" --out "$work/got.car" --timeout 120s "${@:2}" &&
    holds got.car "$small_blocks" "$small"
}
many_to_us() { # HOME PROGRAM ARGUMENT…
  local from home=$1 code=0
  shift
  sluice "$home" init >/dev/null || return
  serve small "$peers/$1" provide --car "$work/small.car" "${@:2}"
  from=$pid
  retrieve_by "$home" "$small" small.bin "$address" || code=1
  kill "$from"
  return "$code"
}
many_both_ways() { # GENERATION VERSION PROGRAM ARGUMENT…
  section "$1" "GraphSync $2, data transfer 1.2.0" "it fetches from us"
  check "10,000 blocks" many_to_them "${@:3}"
  section "$1" "GraphSync $2, data transfer 1.2.0" "we fetch from it"
  check "10,000 blocks" many_to_us "many-$3-$2" "${@:3}"
}
many_both_ways "$go2" 2.0.0 gopeer
for version in 2.0.0 1.0.0; do
  many_both_ways "$go1" $version gopeer1 --graphsync $version
done
