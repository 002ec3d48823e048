# The same with go-data-transfer and go-graphsync of three years before, over both versions of GraphSync.
# shellcheck shell=bash

gopeer1_program=gopeer1
gopeer1() { timeout -k 5 "$limit" "$peers/$gopeer1_program" "$@"; }
fetch1() { # CID BLOCKS ARGUMENT…
  gopeer1 fetch --provider "$ours" --cid "$1" --out "$work/got.car" --timeout 60s "${@:3}" && holds got.car "$2" "$1"
}
fetch1_acting() { # MEMBER VALUE ARGUMENT…
  local fetched
  fetched=$(fetch1 "$mid" "$mid_blocks" "${@:3}") || { echo "$fetched"; return 1; }
  echo "$fetched"
  is "$1" "$2" "$(head -n 1 <<<"$fetched" | member "$1")"
}

for version in 2.0.0 1.0.0; do
  section "$go1" "GraphSync $version, data transfer 1.2.0" "it fetches from us"
  check "file of 256 MiB, over TLS" fetch1 "$big" "${blocks[0]}" --graphsync $version --security tls
  check "folder, over Noise" fetch1 "$many" "${blocks[1]}" --graphsync $version --security noise
  check "content that is missing" fails 1 'response rejected' fetch1 "$missing" 1 --graphsync $version
  check "paused and resumed by the client" fetch1_acting pauses 1 --graphsync $version --pause-after 10MiB
  check "restarted by the client after a cut" fetch1_acting restarts 1 --graphsync $version --cut-after 10MiB --restart
  check "cancelled by the client" fails 1 'transfer ended Cancelled' \
    fetch1 "$mid" "$mid_blocks" --graphsync $version --cancel-after 10MiB

  section "$go1" "GraphSync $version, data transfer 1.2.0" "we fetch from it"
  serve gopeer1 "$peers/gopeer1" provide --car "$work/whole.car" --graphsync $version
  gopeer1_pid=$pid
  sluice old$version init >/dev/null
  check "file of 256 MiB" retrieve_by old$version "$big" content/big.bin "$address"
  check "folder" retrieve_by old$version "$many" content/many "$address"
  # It takes an empty block, that of an empty file, for a missing one.
  check "folder with an empty file: that is said to be missing" fails 4 'PARTIAL' retrieve_by old$version "$root" content "$address"
  check "content that is missing" fails 4 'NOT_FOUND' \
    sluice client retrieve "$missing" --provider "$address" -o "$work/none"
  check "path that is missing" fails 4 'NO_SUCH_PATH' \
    sluice client retrieve "$root/docs/nowhere" --provider "$address" -o "$work/none"
  kill "$gopeer1_pid"
  check "paused and resumed by the provider" acted gopeer1 pauses 1 pausing$version --graphsync $version --pause-after 10MiB
  check "cut by the provider, restarted by us" acted gopeer1 restarts 1 cutting$version --graphsync $version --cut-after 10MiB
  check "cut by the provider, which asks us to restart" asked gopeer1 asking$version --graphsync $version
  check "cancelled by the provider" fails 1 'CANCELLED' \
    retrieve_acting gopeer1 cancelling$version --graphsync $version --cancel-after 10MiB
done
