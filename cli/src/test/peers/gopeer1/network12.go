//go:build graphsync12

package main

import (
	gsnet "github.com/ipfs/go-graphsync/network"
	"github.com/libp2p/go-libp2p-core/host"
)

// newNetwork speaks GraphSync 1.0.0: go-graphsync 0.12 knows no other.
func newNetwork(h host.Host, _ string) gsnet.GraphSyncNetwork {
	return gsnet.NewFromLibp2pHost(h)
}
