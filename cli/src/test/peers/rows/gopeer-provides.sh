# Our client fetches from a provider on go-data-transfer, and in the end nobody has paid anything.
# shellcheck shell=bash

section "$go2" "GraphSync 2.0.0, data transfer 1.2.0" "we fetch from it"

serve gopeer "$peers/gopeer" provide --car "$work/whole.car"
theirs=$address
serve gopeer-noise "$peers/gopeer" provide --security noise --car "$work/whole.car"
theirs_noise=$address

retrieve_by() { # HOME WANTED ORIGINAL PROVIDER
  local result
  rm -rf "$work/out"
  result=$(sluice "$1" retrieve "$2" --provider "$4" -o "$work/out") || return
  echo "$result"
  is state COMPLETED "$(member state <<<"$result")" && is paid 0 "$(member totalPaid <<<"$result")" &&
    diff -r "$work/out" "$work/$3"
}
retrieve() { # WANTED ORIGINAL [PROVIDER]
  retrieve_by client "$1" "content/$2" "${3:-$theirs}"
}
retrieve_car() {
  sluice client retrieve "$root" --car --provider "$theirs" -o "$work/out.car" &&
    holds out.car "${blocks[2]}" "$root"
}
query() {
  local answer
  answer=$(sluice client query "$root" --provider "$theirs") || return
  echo "$answer"
  is status available "$(member status <<<"$answer")" && is total 0 "$(member total <<<"$answer")"
}
check "query: content of a Filecoin provider" query
check "path of a file" retrieve "$root/$deep" "$deep"
check "path beyond ASCII" retrieve "$root/$named" "$named"
check "folder over Noise" retrieve "$many" many "$theirs_noise"
check "file of 256 MiB" retrieve "$big" big.bin
check "folder" retrieve "$root" ''
check "folder as CAR" retrieve_car
check "content that is missing" fails 4 'NOT_FOUND' \
  sluice client retrieve "$missing" --provider "$theirs" -o "$work/none"
check "path that is missing" fails 4 'NO_SUCH_PATH' \
  sluice client retrieve "$root/docs/nowhere" --provider "$theirs" -o "$work/none"
