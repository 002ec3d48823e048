//go:build !graphsync12

package main

import (
	gsnet "github.com/ipfs/go-graphsync/network"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/protocol"
)

func newNetwork(h host.Host, version string) gsnet.GraphSyncNetwork {
	spoken := []gsnet.Option{}
	if version != "any" {
		spoken = append(spoken, gsnet.GraphsyncProtocols([]protocol.ID{protocol.ID("/ipfs/graphsync/" + version)}))
	}
	return gsnet.NewFromLibp2pHost(h, spoken...)
}
