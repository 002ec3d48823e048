# What go-data-transfer's state machine, and walks in Go, made of everything that is fed to them is written down, and our tests
# compare with that: is it still what they say?
# shellcheck shell=bash

readonly squares=fsm/src/test/resources/squares selectors=protocol/src/test/resources/io/sluice/protocol/ipld/odd-selectors

as_recorded() { # FILE PROGRAM ARGUMENT…
  timeout -k 5 "$limit" "$peers/$2" "${@:3}" | diff "$1" -
}
section "$go2" "none: each event in each status" "compared with our table"
check "state machine of a channel" as_recorded $squares/go-data-transfer-2.0.0.jsonl gopeer square
section "$go1" "none: each event in each status" "compared with our table"
check "state machine of a channel" as_recorded $squares/go-data-transfer-1.15.2.jsonl gopeer1 square
section "go-graphsync 0.18.1, lassie 0.25.0" "IPLD selectors" "compared with our walk"
check "18 odd selectors" as_recorded $selectors-go.jsonl gopeer selectors --file $selectors.json
