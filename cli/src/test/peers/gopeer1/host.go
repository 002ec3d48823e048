package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	datatransfer "github.com/filecoin-project/go-data-transfer"
	dtimpl "github.com/filecoin-project/go-data-transfer/impl"
	dtnet "github.com/filecoin-project/go-data-transfer/network"
	dtgraphsync "github.com/filecoin-project/go-data-transfer/transport/graphsync"
	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	gsimpl "github.com/ipfs/go-graphsync/impl"
	"github.com/ipld/go-ipld-prime"
	csms "github.com/libp2p/go-conn-security-multistream"
	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/network"
	"github.com/libp2p/go-libp2p-core/peer"
	noise "github.com/libp2p/go-libp2p-noise"
	"github.com/libp2p/go-libp2p-peerstore/pstoremem"
	swarm "github.com/libp2p/go-libp2p-swarm"
	libp2ptls "github.com/libp2p/go-libp2p-tls"
	upgrader "github.com/libp2p/go-libp2p-transport-upgrader"
	yamux "github.com/libp2p/go-libp2p-yamux"
	basichost "github.com/libp2p/go-libp2p/p2p/host/basic"
	msmux "github.com/libp2p/go-stream-muxer-multistream"
	"github.com/libp2p/go-tcp-transport"
	"github.com/multiformats/go-multiaddr"
)

// newHost puts a host together: libp2p.New of that time brings QUIC with it, which today's Go does not compile.
func newHost(o *options) (host.Host, error) {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, o.identity)
	if o.identity == 0 {
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
	}
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, err
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return nil, err
	}
	store, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, err
	}
	if err := store.AddPrivKey(id, key); err != nil {
		return nil, err
	}
	if err := store.AddPubKey(id, key.GetPublic()); err != nil {
		return nil, err
	}
	security := &csms.SSMuxer{}
	if o.security == "any" || o.security == "tls" {
		transport, err := libp2ptls.New(key)
		if err != nil {
			return nil, err
		}
		security.AddTransport(libp2ptls.ID, transport)
	}
	if o.security == "any" || o.security == "noise" {
		transport, err := noise.New(key)
		if err != nil {
			return nil, err
		}
		security.AddTransport(noise.ID, transport)
	}
	muxer := msmux.NewBlankTransport()
	muxer.AddTransport("/yamux/1.0.0", yamux.DefaultTransport)
	upgrade, err := upgrader.New(security, muxer)
	if err != nil {
		return nil, err
	}
	net, err := swarm.NewSwarm(id, store)
	if err != nil {
		return nil, err
	}
	transport, err := tcp.NewTCPTransport(upgrade, network.NullResourceManager)
	if err != nil {
		return nil, err
	}
	if err := net.AddTransport(transport); err != nil {
		return nil, err
	}
	at, err := multiaddr.NewMultiaddr(o.listen)
	if err != nil {
		return nil, err
	}
	if err := net.Listen(at); err != nil {
		return nil, err
	}
	h, err := basichost.NewHost(net, &basichost.HostOpts{UserAgent: "sluice-gopeer1"})
	if err != nil {
		return nil, err
	}
	h.Start()
	return h, nil
}

func dial(ctx context.Context, h host.Host, address string) (peer.ID, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return "", err
	}
	return info.ID, h.Connect(ctx, *info)
}

func announce(h host.Host) {
	for _, address := range h.Addrs() {
		fmt.Printf("listening %s/p2p/%s\n", address, h.ID())
	}
	fmt.Println("ready")
}

func newTransfers(ctx context.Context, h host.Host, version string,
	blocks ipld.LinkSystem) (datatransfer.Manager, error) {
	exchange := gsimpl.New(ctx, newNetwork(h, version), blocks)
	transport := dtgraphsync.NewTransport(h.ID(), exchange)
	store := dssync.MutexWrap(datastore.NewMapDatastore())
	manager, err := dtimpl.NewDataTransfer(store, dtnet.NewFromLibp2pHost(h), transport)
	if err != nil {
		return nil, err
	}
	ready := make(chan error, 1)
	manager.OnReady(func(err error) { ready <- err })
	if err := manager.Start(ctx); err != nil {
		return nil, err
	}
	return manager, <-ready
}
