# The importers of kubo and helia make the same CIDs of the same files.
# shellcheck shell=bash

kubo() { IPFS_TELEMETRY=off IPFS_PATH=$work/ipfs timeout -k 5 "$limit" "$peers/kubo" "$@"; }
kubo init --empty-repo --profile test >/dev/null
sluice importer init >/dev/null

## Files and folders at the edges

inputs=$work/inputs
mkdir -p "$inputs/folder"
: >"$inputs/empty"
printf x >"$inputs/one"
size_about() { # NAME SIZE
  head -c $(($2 - 1)) "$work/content/big.bin" >"$inputs/$1-less"
  head -c "$2" "$work/content/big.bin" >"$inputs/$1"
  head -c $(($2 + 1)) "$work/content/big.bin" >"$inputs/$1-more"
}
size_about chunk 262144
size_about node $((174 * 262144))
cp -r "$work/content/${named%%/*}" "$work/content/docs" "$work/content/with space" "$work/content/empty" "$inputs/folder"
mkdir "$inputs/sharded"
for i in $(seq 10000); do echo "$i" >"$inputs/sharded/entry $i of a folder that has so many that it is sharded"; done
for _ in 1 2 3 4; do cat "$work/content/big.bin"; done >"$inputs/gib"

input_names=(empty one chunk-less chunk chunk-more node-less node node-more folder sharded gib)
declare -A input_is=([empty]="empty file" [one]="1 byte" [chunk-less]="a chunk less 1 byte" [chunk]="a chunk"
  [chunk-more]="a chunk and 1 byte" [node-less]="174 chunks less 1 byte" [node]="174 chunks" [node-more]="174 chunks and 1 byte"
  [folder]="folder, names beyond ASCII" [sharded]="folder of 10,000 entries, sharded" [gib]="1 GiB")

# What each of two programs makes of some inputs, and a row for every input.
compared() { # SUFFIX OURS THEIRS NAME…
  local i ours theirs names=("${@:4}")
  mapfile -t ours < <("$2" "${names[@]/#/$inputs/}")
  mapfile -t theirs < <("$3" "${names[@]/#/$inputs/}")
  for i in "${!names[@]}"; do
    check "${input_is[${names[i]}]}$1" is cid "${theirs[i]}" "${ours[i]}"
  done
}
by_us() { sluice importer import "${options[@]}" "$@" | members cid; }
by_kubo() {
  local each
  for each; do kubo add --quieter --only-hash --recursive "${kubo_options[@]}" "$each"; done
}

section "kubo 0.40.1" "UnixFS" "the same imported"
options=() kubo_options=(--cid-version 1)
compared "" by_us by_kubo "${input_names[@]}"
options=(--cid-version 0) kubo_options=()
compared ", CID version 0" by_us by_kubo empty one chunk-more folder sharded
options=(--chunk 1000) kubo_options=(--cid-version 1 --chunker size-1000)
compared ", chunks of 1,000 bytes" by_us by_kubo chunk-more folder

## Permissions and times

mkdir -p "$inputs/kept/inner"
echo a >"$inputs/kept/a"
: >"$inputs/kept/none"
echo b >"$inputs/kept/inner/b"
head -c 600000 "$work/content/big.bin" >"$inputs/large"
chmod 600 "$inputs/kept/a"
chmod 755 "$inputs/kept/inner/b"
chmod 444 "$inputs/kept/none"
chmod 640 "$inputs/large"
chmod 700 "$inputs/kept/inner"
chmod 750 "$inputs/kept"
touch -d '2001-02-03 04:05:06.789012345 UTC' "$inputs/kept/a" "$inputs/large"
touch -d '1969-12-31 23:00:00.25 UTC' "$inputs/kept/inner/b"
touch -d '2020-01-01 UTC' "$inputs/kept/none" "$inputs/kept/inner"
touch -d '2011-11-11 UTC' "$inputs/kept"
input_is+=([kept]="folder" [kept/a]="small file" [kept/none]="empty file" [large]="file of three chunks")
kept_names=(kept kept/a kept/none large)

# Of a folder with attributes kubo looks for blocks that it only hashed, so it has to write them.
by_kubo_written() {
  local each
  for each; do kubo add --quieter --recursive --pin=false "${kubo_options[@]}" "$each"; done
}
for kept in --preserve-mode --preserve-mtime "--preserve-mode --preserve-mtime"; do
  read -ra options <<<"$kept"
  kubo_options=(--cid-version 1 "${options[@]}")
  compared ", $kept" by_us by_kubo_written "${kept_names[@]}"
done

## helia's

js_peer npm cli/src/test/peers/npm || return 0
by_helia() { timeout -k 5 "$limit" node "$peers/npm/import.mjs" "${helia_options[@]}" "$@"; }

section "ipfs-unixfs-importer 17.1.1 (helia)" "UnixFS" "the same imported"
options=() helia_options=()
compared "" by_us by_helia "${input_names[@]}"
options=(--cid-version 0) helia_options=(--cid-version 0)
compared ", CID version 0" by_us by_helia empty one chunk-more folder
options=(--chunk 1000) helia_options=(--chunk 1000)
compared ", chunks of 1,000 bytes" by_us by_helia chunk-more folder
options=(--preserve-mode --preserve-mtime) helia_options=("${options[@]}")
compared ", ${options[*]}" by_us by_helia "${kept_names[@]}"
rm -rf "$inputs"
