# The content that is tried, and the nodes that have it.
# shellcheck shell=bash

readonly chunk=256KiB
readonly missing=bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy
readonly deep=docs/a/b/c/three.bin
readonly go2="go-data-transfer 2.0.0, go-graphsync 0.18.1"
readonly go1="go-data-transfer 1.15.2, go-graphsync 0.13.2"
readonly go14="go-data-transfer 1.14.1, go-graphsync 0.12.0"
readonly named=ünïcode/日本語/файл.txt

section "boxo 0.41.0" "UnixFS" "the same files imported"

## Content: a file of 256 MiB, and around it folders in folders, names beyond ASCII, many small files, an empty one

mkdir -p "$work/content/${deep%/*}" "$work/content/${named%/*}" "$work/content/many" \
  "$work/content/with space"
# For what is done in the middle of a transfer.
middling=$(gopeer gen --size 48MiB --seed 9 --chunk $chunk --file "$work/mid.bin" --out "$work/mid.car")
mid=$(member cid <<<"$middling") mid_blocks=$(member blocks <<<"$middling")
generated=$(gopeer gen --size 256MiB --seed 7 --chunk $chunk --file "$work/content/big.bin" --out "$work/big.car")
gopeer gen --size 3000001 --seed 8 --file "$work/content/$deep" --out "$work/deep.car" >/dev/null
printf 'здравствуй\n' >"$work/content/$named"
printf 'hash # and per cent %%\n' >"$work/content/with space/a + b.txt"
: >"$work/content/empty"
for i in $(seq 500); do echo "small file $i" >"$work/content/many/$i"; done
whole=$(gopeer import --dir "$work/content" --chunk $chunk --out "$work/whole.car")

for home in provider shop client check; do sluice $home init >/dev/null; done
sluice provider ask set --price-per-mib 0 >/dev/null
sluice provider import --chunk $chunk "$work/mid.bin" >/dev/null
imported=$(sluice provider import --chunk $chunk "$work/content/big.bin" "$work/content/many" "$work/content")
mapfile -t cids < <(members cid <<<"$imported")
mapfile -t blocks < <(members blocks <<<"$imported")
((${#cids[@]} == 3)) || die "import did not name three roots: $imported"
big=${cids[0]} many=${cids[1]} root=${cids[2]}

check "the CID of a file of 256 MiB is the same" is cid "$(member cid <<<"$generated")" "$big"
check "the CID of a folder with all kinds of names is the same" is cid "$(member cid <<<"$whole")" "$root"

## Our provider

serve provider ./sluice --home "$work/provider" run --listen /ip4/127.0.0.1/tcp/0
ours=$address provider_pid=$pid

holds() { # CAR BLOCKS [CID]
  local found
  found=$(gopeer inspect --car "$work/$1" ${3:+--cid "$3"}) || return
  echo "$found"
  is blocks "$2" "$(member blocks <<<"$found")"
}
imports() { sluice check import --car "$work/$1"; }
exports() { # CID[/PATH] ORIGINAL
  rm -rf "$work/exported"
  sluice check export "$1" -o "$work/exported" && diff -r "$work/exported" "$work/content/$2"
}

