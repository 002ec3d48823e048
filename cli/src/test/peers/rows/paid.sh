# A client in another language, written from docs/reference/wire-additions.md, buys from the provider of ours that sells.
# The channel is opened by a home of ours, whose key it gets: then both ends, and that home, have to agree about the money.
# shellcheck shell=bash

section "$go2" "GraphSync 2.0.0, wire additions" "it buys from us"

sluice payer init >/dev/null
payer=$(sluice payer id | member paymentAddress)
sold=$(sluice shop import --chunk $chunk "$work/content/$deep" "$work/content/many")
mapfile -t goods < <(members cid <<<"$sold")
# A price that does not divide anything, a fee, and intervals that grow from 512 KiB.
for good in "${goods[@]}"; do
  sluice shop ask set --cid "$good" --price-per-mib 1000003 --fee 77 --interval 512KiB --interval-increase 256KiB >/dev/null
done
sluice payer faucet "$payer" 100000000 >/dev/null
channel=$(sluice payer channels open --provider "$ours" --deposit 50000000 | member id)
sluice payer wallet export "$payer" -o "$work/payer.json" >/dev/null
spent=0

due() { # BYTES
  echo $((77 + ($1 * 1000003 + 1048575) / 1048576))
}

# Vouchers for exactly what came, and the provider's books say the same.
buy() { # CID BLOCKS VOUCHERS ARGUMENT…
  local bought books found bytes paid
  bought=$(gopeer buy --provider "$ours" --cid "$1" --out "$work/bought.car" --key "$work/payer.json" \
    --channel "$channel" "${@:4}") || { echo "$bought"; return 1; }
  echo "$bought"
  found=$(gopeer inspect --car "$work/bought.car" --cid "$1") || return
  bytes=$(member bytes <<<"$found") paid=$(member paid <<<"$bought")
  spent=$((spent + paid))
  is blocks "$2" "$(member blocks <<<"$found")" && is bytes "$bytes" "$(member bytes <<<"$bought")" &&
    is paid "$(due "$bytes")" "$paid" || return
  [[ $3 == any ]] || is vouchers "$3" "$(member vouchers <<<"$bought")" || return
  books=$(sluice shop books) || return
  echo "$books"
  is earned "$spent" "$(member earned <<<"$books")" && is owed 0 "$(member owed <<<"$books")" &&
    is outstanding 0 "$(member outstanding <<<"$books")" &&
    grep -q "\"lane\":\"0\",\"nonce\":\"$(member nonce <<<"$bought")\",\"amount\":\"$(member laneTotal <<<"$bought")\"" <<<"$books"
}
buy_file() {
  buy "${goods[0]}" "$(member blocks <<<"$sold")" "$@" && imports bought.car && exports "${goods[0]}" "$deep"
}
# The home whose key it was has never heard of these vouchers: the provider tells it, and it finds its own signature.
home_goes_on() {
  local result books
  result=$(sluice payer retrieve "${goods[1]}" --provider "$ours" -o "$work/many.out") || return
  echo "$result"
  spent=$((spent + $(member totalPaid <<<"$result")))
  diff -r "$work/many.out" "$work/content/many" || return
  books=$(sluice payer books) || { echo "$books"; return 1; }
  echo "$books"
  is spent "$spent" "$(member spent <<<"$books")" && is earned "$spent" "$(sluice shop books | member earned)"
}

# The fee; 512 KiB, 768 KiB and 1 MiB behind each other are 2.25 MiB of 2.9: three windows, and the rest at the end.
check "file: vouchers at each demand; bytes and books" buy_file 5 --pay demand
check "the same on the same lane: told of the lane's best voucher first; vouchers at half a window" buy_file any --security noise
check "more than it would pay" fails 1 'is the most' gopeer buy --provider "$ours" --cid "${goods[0]}" \
  --out "$work/none.car" --key "$work/payer.json" --channel "$channel" --lane 9 --max-total 76
check "a channel that is not there" fails 1 'CHANNEL_UNACCEPTABLE' gopeer buy --provider "$ours" --cid "${goods[0]}" \
  --out "$work/none.car" --key "$work/payer.json" --channel "${channel%??}00"
check "our home goes on with the channel after it" home_goes_on
