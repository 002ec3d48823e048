package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"flag"
	"fmt"
	"io"

	datatransfer "github.com/filecoin-project/go-data-transfer/v2"
	dtimpl "github.com/filecoin-project/go-data-transfer/v2/impl"
	dtnet "github.com/filecoin-project/go-data-transfer/v2/network"
	dtgraphsync "github.com/filecoin-project/go-data-transfer/v2/transport/graphsync"
	retrieval "github.com/filecoin-project/go-retrieval-types"
	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	gsimpl "github.com/ipfs/go-graphsync/impl"
	gsnet "github.com/ipfs/go-graphsync/network"
	logging "github.com/ipfs/go-log/v2"
	"github.com/ipld/go-ipld-prime"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const queryProtocol = "/fil/retrieval/qry/1.0.0"

// logTo sets how much the Go libraries say; they say it on stderr.
func logTo(level string) error {
	parsed, err := logging.LevelFromString(level)
	if err != nil {
		return usageError(err.Error())
	}
	logging.SetAllLoggers(parsed)
	return nil
}

// newHost makes a libp2p host over TCP, with go-libp2p's defaults for everything else.
func newHost(security string, more ...libp2p.Option) (host.Host, error) {
	options := append([]libp2p.Option{
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.DisableRelay(),
		libp2p.UserAgent("sluice-gopeer"),
	}, more...)
	switch security {
	case "tls":
		options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
	case "noise":
		options = append(options, libp2p.Security(noise.ID, noise.New))
	case "any":
	default:
		return nil, usageError("--security is tls, noise or any, not " + security)
	}
	return libp2p.New(options...)
}

// identity is the key pair that belongs to a number, so that a peer can come back as the same; 0 is a new one.
func identity(number uint64) libp2p.Option {
	if number == 0 {
		return libp2p.RandomIdentity
	}
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, number)
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		panic(err)
	}
	return libp2p.Identity(key)
}

// identify says which peer a number makes, so that it can be spoken of before it is there.
func identify(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("id", flag.ContinueOnError)
	number := flags.Uint64("identity", 0, "`number` that the key is derived from")
	if err := parse(flags, args); err != nil {
		return err
	}
	host, err := newHost("any", libp2p.NoListenAddrs, identity(*number))
	if err != nil {
		return err
	}
	defer host.Close()
	say(struct {
		PeerID string `json:"peerId"`
	}{host.ID().String()})
	return nil
}

func dial(ctx context.Context, h host.Host, address string) (peer.ID, error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return "", usageError(fmt.Sprintf("--provider %s: %s", address, err))
	}
	return info.ID, h.Connect(ctx, *info)
}

// newTransfers starts graphsync and, over it, data transfer; both work until the context ends.
func newTransfers(ctx context.Context, h host.Host, blocks ipld.LinkSystem,
	options ...dtimpl.DataTransferOption) (datatransfer.Manager, error) {
	exchange := gsimpl.New(ctx, gsnet.NewFromLibp2pHost(h), blocks)
	transport := dtgraphsync.NewTransport(h.ID(), exchange)
	store := dssync.MutexWrap(datastore.NewMapDatastore())
	manager, err := dtimpl.NewDataTransfer(store, dtnet.NewFromLibp2pHost(h), transport, options...)
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

func statusName(status retrieval.DealStatus) string {
	return status.String()[len("DealStatus"):]
}

func closeAll(closers ...io.Closer) {
	for _, closer := range closers {
		_ = closer.Close()
	}
}
