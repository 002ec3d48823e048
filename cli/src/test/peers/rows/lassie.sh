# lassie fetches from a provider of ours.
# shellcheck shell=bash

section "lassie 0.25.0" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"

lassie_program=lassie
lassie() { # OUT ARGUMENT…
  timeout -k 5 "$limit" "$peers/$lassie_program" fetch --providers "${far:-$ours}" --protocols graphsync --tempdir "$work/tmp" \
    --global-timeout "$((limit - 10))s" --provider-timeout 60s -o "$work/$1" "${@:2}"
}
lassie_path() {
  lassie path.car "$root/$deep" && holds path.car 18 && imports path.car && exports "$root/$deep" "$deep"
}
lassie_file() { lassie big.car "$big" && holds big.car "${blocks[0]}" "$big" && imports big.car && exports "$big" big.bin; }
lassie_folder() {
  lassie whole.car "$root" && holds whole.car "${blocks[2]}" "$root" && imports whole.car && exports "$root" ''
}
lassie_subset() { # BLOCKS ARGUMENT…
  lassie subset.car "${@:2}" && holds subset.car "$1"
}

check "path of a file" lassie_path
check "file of 256 MiB" lassie_file
check "folder" lassie_folder
check "path beyond ASCII" lassie_subset 4 "$root/$named"
check "path with blanks" lassie_subset 3 "$root/with space/a + b.txt"
check "--dag-scope block of a file" lassie_subset 1 --dag-scope block "$big"
check "--dag-scope block at a path" lassie_subset 6 --dag-scope block "$root/$deep"
check "--dag-scope entity of a folder" lassie_subset 1 --dag-scope entity "$many"
check "--dag-scope entity of a file" lassie_subset "${blocks[0]}" --dag-scope entity "$big"
check "--dag-scope all of a folder at a path" lassie_subset 502 --dag-scope all "$root/many"
# 2 MiB from one byte past 5 MiB touch nine chunks of 256 KiB, beneath one node of the root's.
check "byte range" lassie_subset 11 --dag-scope entity --entity-bytes 5242881:7340032 "$big"
# lassie itself calls this a success: the CAR proves that the folder has no such entry.
check "path that is missing" lassie_subset 1 "$root/nowhere"
check "content that is missing" fails 1 'rejected' lassie none.car "$missing"


# One of a year before.
section "lassie 0.23.2" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"
lassie_program=lassie23
check "path of a file" lassie_path
check "file of 256 MiB" lassie_file
check "--dag-scope entity of a folder" lassie_subset 1 --dag-scope entity "$many"
check "byte range" lassie_subset 11 --dag-scope entity --entity-bytes 5242881:7340032 "$big"
check "content that is missing" fails 1 'rejected' lassie none.car "$missing"
lassie_program=lassie

section "lassie 0.25.0" "GraphSync 2.0.0, data transfer 1.2.0" "it fetches from us"

# One that is large, one that is far away, many, and one that does not hurry

generated=$(gopeer gen --size 1GiB --seed 11 --chunk 1MiB --out "$work/huge.car")
huge=$(member cid <<<"$generated") huge_blocks=$(member blocks <<<"$generated")
sluice provider import --car --in-place "$work/huge.car" >/dev/null
lassie_huge() { lassie huge.out "$huge" && holds huge.out "$huge_blocks" "$huge"; }
check "file of 1 GiB" lassie_huge
rm -f "$work/huge.out"
lassie_far() { # BLOCKS CID
  local wire code=0
  serve relay "$peers/gopeer" relay --to "$ours" --delay 40ms
  wire=$pid
  far=$address lassie far.car "$2" && holds far.car "$1" "$2" || code=1
  kill "$wire"
  return "$code"
}
check "file of 48 MiB, 40 ms each way" lassie_far "$mid_blocks" "$mid"
check "folder, 40 ms each way" lassie_far "${blocks[1]}" "$many"

at_once() { # COUNT
  local i others=() failed=0
  for ((i = 0; i < $1; i++)); do
    lassie "once$i.car" "$root/$deep" &
    others+=($!)
  done
  for i in "${others[@]}"; do wait "$i" || failed=$((failed + 1)); done
  is failed 0 "$failed" || return
  for ((i = 0; i < $1; i++)); do cmp "$work/once0.car" "$work/once$i.car" || return; done
  cp "$work/once0.car" "$work/path.car"
  rm -f "$work"/once*.car
  holds path.car 18
}
check "50 at once, path of a file" at_once 50
slowly() {
  lassie_to_pipe | { sleep 8; cat; } >"$work/slow.car" && holds slow.car "${blocks[0]}" "$big"
}
lassie_to_pipe() {
  timeout -k 5 "$limit" "$peers/$lassie_program" fetch --providers "$ours" --protocols graphsync --tempdir "$work/tmp" \
    --global-timeout 120s --provider-timeout 60s -o - "$big"
}
check "file of 256 MiB to a reader that begins 8 s late" slowly
# lassie waits 10 s before it restarts.
restarted() {
  local fetching code=0 got
  lassie restarted.car "$big" &
  fetching=$!
  until got=$(find "$work/tmp" -name 'lassie_carstorage*' -size +8M | head -n 1) && [[ $got ]]; do
    kill -0 "$fetching" 2>/dev/null || break
  done
  kill -9 "$provider_pid"
  wait "$provider_pid" || true
  serve provider ./sluice --home "$work/provider" run --listen "${ours%/p2p/*}"
  provider_pid=$pid
  wait "$fetching" || code=$?
  is "exit code" 0 "$code" && holds restarted.car "${blocks[0]}" "$big"
}
check "provider killed in the middle, and back" restarted
