# CARs of both versions and with each index go from Sluice to other programs, and back.
# shellcheck shell=bash

mkdir -p "$work/boxed"
cp -r "$work/content/${named%%/*}" "$work/content/docs" "$work/content/with space" "$work/content/empty" "$work/boxed"
cp -r "$work/content/many" "$work/boxed/many"
sluice boxer init >/dev/null
packed=$(sluice boxer import "$work/boxed")
box=$(member cid <<<"$packed") box_blocks=$(member blocks <<<"$packed")
declare -A car_is=([v1]="version 1" [multihash-sorted]="version 2, index sorted by multihash" [sorted]="version 2, sorted index"
  [none]="version 2 without index")
car_kinds=(v1 multihash-sorted sorted none)
for kind in "${car_kinds[@]}"; do
  index=(--index "$kind")
  [[ $kind == v1 ]] && index=()
  sluice boxer export "$box" --car "${index[@]}" -o "$work/ours-$kind.car" >/dev/null
done
car_version() { # KIND
  [[ $1 == v1 ]] && echo 1 || echo 2
}
# A home that has none of the blocks takes them, beneath a root, and gives the files back.
car_taken() { # CAR ORIGINAL IMPORT-OPTION…
  local root
  rm -rf "$work/boxes" "$work/unboxed"
  sluice boxes init >/dev/null
  root=$(sluice boxes import --car "${@:3}" "$work/$1") || return
  echo "$root"
  sluice boxes export "$(member cid <<<"$root")" -o "$work/unboxed" && diff -r "$work/unboxed" "$2"
}

section "go-car 2.17.0" "CAR" "it reads ours"
go_reads() { # KIND
  local said
  said=$(gopeer inspect --car "$work/ours-$1.car" --cid "$box") || return
  echo "$said"
  is version "$(car_version "$1")" "$(member version <<<"$said")" && is root "$box" "$(member roots <<<"${said/\[/}")" &&
    is blocks "$box_blocks" "$(member blocks <<<"$said")" && is found "$box_blocks" "$(member dagBlocks <<<"$said")" || return
  [[ $1 == v1 ]] || {
    said=$(gopeer look-up --car "$work/ours-$1.car") || return
    echo "$said"
    is index "$1" "$(member index <<<"$said")" && { [[ $1 == none ]] || is found "$box_blocks" "$(member blocks <<<"$said")"; }
  }
}
for kind in "${car_kinds[@]}"; do check "${car_is[$kind]}" go_reads "$kind"; done

section "go-car 2.17.0" "CAR" "we read its"
for kind in "${car_kinds[@]}"; do
  index=(--index "$kind")
  [[ $kind == v1 ]] && index=(--car-v1)
  gopeer repack --car "$work/ours-v1.car" "${index[@]}" --out "$work/go-$kind.car" >/dev/null
  check "${car_is[$kind]}" car_taken "go-$kind.car" "$work/boxed"
done
check "${car_is[v1]}, in place" car_taken go-v1.car "$work/boxed" --in-place
check "${car_is[sorted]}, in place" car_taken go-sorted.car "$work/boxed" --in-place

js_peer npm cli/src/test/peers/npm || return 0
js_car() { timeout -k 5 "$limit" node "$peers/npm/car.mjs" "$@"; }
ipfs_car() { timeout -k 5 "$limit" node "$peers/npm/node_modules/ipfs-car/bin.js" "$@"; }

section "@ipld/car 5.4.7, car-block-validator 1.2.2" "CAR" "it reads ours"
js_reads() { # KIND
  local said
  said=$(js_car read "$work/ours-$1.car") || return
  echo "$said"
  is version "$(car_version "$1")" "$(member version <<<"$said")" && is blocks "$box_blocks" "$(member blocks <<<"$said")"
}
for kind in "${car_kinds[@]}"; do check "${car_is[$kind]}" js_reads "$kind"; done
section "@ipld/car 5.4.7, car-block-validator 1.2.2" "CAR" "we read its"
js_writes() {
  js_car write "$work/ours-sorted.car" "$work/js.car" && cmp "$work/js.car" "$work/ours-v1.car" && car_taken js.car "$work/boxed"
}
check "version 1, the bytes that we write too" js_writes

section "ipfs-car 3.1.0" "CAR" "it reads ours"
ipfs_car_unpacks() { # KIND
  rm -rf "$work/unpacked"
  ipfs_car unpack "$work/ours-$1.car" --output "$work/unpacked" && diff -r "$work/unpacked" "$work/boxed"
}
check "${car_is[v1]}" ipfs_car_unpacks v1
check "${car_is[multihash-sorted]}" ipfs_car_unpacks multihash-sorted
section "ipfs-car 3.1.0" "CAR" "we read its"
ipfs_car_packs() { # PATH
  ipfs_car pack "$1" --no-wrap --output "$work/packed.car" && car_taken packed.car "$1"
}
check "folder" ipfs_car_packs "$work/boxed"
check "file" ipfs_car_packs "$work/boxed/$deep"
