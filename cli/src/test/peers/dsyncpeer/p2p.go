package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"reflect"
	"unsafe"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p-core/crypto"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/peer"
	"github.com/multiformats/go-multiaddr"
	"github.com/qri-io/dag/dsync"
)

// host makes one of libp2p whose id follows from a name, so that it can be granted something before.
func (o *options) host(ctx context.Context, listen ...string) (host.Host, error) {
	seed := sha256.Sum256([]byte(o.name))
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		return nil, err
	}
	return libp2p.New(ctx, libp2p.Identity(key), libp2p.ListenAddrStrings(listen...))
}

// peerRemote connects with a peer. The library's own client for peers has no door: it is taken out of a pull.
func (o *options) peerRemote(ctx context.Context, held *store) (dsync.DagSyncable, error) {
	address, err := multiaddr.NewMultiaddr(o.url)
	if err != nil {
		return nil, err
	}
	remote, err := peer.AddrInfoFromP2pAddr(address)
	if err != nil {
		return nil, err
	}
	own, err := o.host(ctx)
	if err != nil {
		return nil, err
	}
	if err := own.Connect(ctx, *remote); err != nil {
		return nil, err
	}
	service, err := dsync.New(held, blockAPI{store: held}, dsync.OptLibp2pHost(own))
	if err != nil {
		return nil, err
	}
	pull, err := service.NewPull(o.cid, remote.ID.Pretty(), nil)
	if err != nil {
		return nil, err
	}
	field := reflect.ValueOf(pull).Elem().FieldByName("remote")
	return *(*dsync.DagSyncable)(unsafe.Pointer(field.UnsafeAddr())), nil
}

// id says who this peer is.
func id(ctx context.Context, o *options) error {
	own, err := o.host(ctx)
	if err != nil {
		return err
	}
	say(map[string]any{"ok": true, "peerId": own.ID().Pretty()})
	return own.Close()
}
