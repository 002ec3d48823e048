# And with the last ones that write the keys of messages in the order of their declaration.
# shellcheck shell=bash

gopeer1_program=gopeer14
section "$go14" "GraphSync 1.0.0, data transfer 1.2.0" "it fetches from us"
check "file of 48 MiB" fetch1 "$mid" "$mid_blocks"
check "content that is missing" fails 1 'response rejected' fetch1 "$missing" 1
check "paused and resumed by the client" fetch1_acting pauses 1 --pause-after 10MiB
check "restarted by the client after a cut" fetch1_acting restarts 1 --cut-after 10MiB --restart
check "cancelled by the client" fails 1 'transfer ended Cancelled' fetch1 "$mid" "$mid_blocks" --cancel-after 10MiB

section "$go14" "GraphSync 1.0.0, data transfer 1.2.0" "we fetch from it"
check "file of 48 MiB" acted gopeer14 status Completed whole14
check "paused and resumed by the provider" acted gopeer14 pauses 1 pausing14 --pause-after 10MiB
check "cut by the provider, restarted by us" acted gopeer14 restarts 1 cutting14 --cut-after 10MiB
check "cut by the provider, which asks us to restart" asked gopeer14 asking14
check "cancelled by the provider" fails 1 'CANCELLED' retrieve_acting gopeer14 cancelling14 --cancel-after 10MiB
gopeer1_program=gopeer1
