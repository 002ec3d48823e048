# A block inside a DAG that is not there: what each end says to the other, and to whoever asked.
# shellcheck shell=bash

for number in 13 14; do # what is found damaged once is not offered again, so one for each program
  gopeer gen --size 8MiB --seed $number --chunk $chunk --out "$work/worn$number.car" >/dev/null
done
lacks=$(gopeer lose --block 100 --car "$work/mid.car" --out "$work/lacking.car" | member cid)
for home in lacking collecting; do sluice $home init >/dev/null; done
sluice lacking ask set --price-per-mib 0 >/dev/null
sluice lacking import --car "$work/lacking.car" >/dev/null
imported=$(sluice lacking import --car --in-place "$work/worn13.car" "$work/worn14.car")
mapfile -t worn < <(members cid <<<"$imported")
serve lacking ./sluice --home "$work/lacking" run --listen /ip4/127.0.0.1/tcp/0
lacking_pid=$pid ours=$address
# Somewhere in a chunk, while the node has the files open.
for number in 13 14; do printf 'X' | dd of="$work/worn$number.car" bs=1 seek=4000000 conv=notrunc status=none; done

fetch_from_lacking() { # PROGRAM CID
  timeout -k 5 "$limit" "$peers/$1" fetch --provider "$ours" --cid "$2" --out "$work/none.car" --timeout 60s
}
retrieve_from_lacking() { # PROGRAM
  local from code=0
  serve lacks "$peers/$1" provide --car "$work/lacking.car"
  from=$pid
  sluice collecting retrieve "$mid" --provider "$address" -o "$work/none" || code=$?
  kill "$from"
  return "$code"
}
missing_both_ways() { # GENERATION PROGRAM WORN "WHAT IT SAYS TO A REFUSAL"
  section "$1" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"
  check "a block is known to be missing: refused" fails 1 "$4" fetch_from_lacking "$2" "$mid"
  check "a block turns out to be damaged: it is said to be missing" fails 1 'missing block' fetch_from_lacking "$2" "$3"
  check "a block is known to be damaged: refused" fails 1 "${4/NOT_FOUND/DAMAGED}" fetch_from_lacking "$2" "$3"
  section "$1" "GraphSync 2.0.0, data transfer 1.2.0" "we fetch from it"
  check "a block is missing: we say which" fails 4 "PARTIAL.*$lacks" retrieve_from_lacking "$2"
}
missing_both_ways "$go2" gopeer "${worn[0]}" NOT_FOUND
missing_both_ways "$go1" gopeer1 "${worn[1]}" 'response rejected'
kill "$lacking_pid"
