package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ethersphere/bee/pkg/p2p"
	"github.com/ethersphere/bee/pkg/swarm"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// newHost has the key that belongs to a number, so that a peer can come back as the same; 0 is a new one.
func newHost(o *options, listen string) (host.Host, error) {
	seed := make([]byte, 32)
	if o.identity == 0 {
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
	} else {
		hash := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("beepeer identity"), o.identity))
		seed = hash[:]
	}
	private, _, err := crypto.GenerateEd25519Key(&once{seed})
	if err != nil {
		return nil, err
	}
	where := libp2p.NoListenAddrs
	if listen != "" {
		where = libp2p.ListenAddrStrings(listen)
	}
	return libp2p.New(libp2p.Identity(private), where, libp2p.DisableRelay())
}

// once reads bytes.
type once struct{ left []byte }

func (o *once) Read(into []byte) (int, error) {
	n := copy(into, o.left)
	o.left = o.left[n:]
	return n, nil
}

func protocolID(name, version, stream string) protocol.ID {
	return protocol.ID(fmt.Sprintf("/swarm/%s/%s/%s", name, version, stream))
}

// wire is what a syncer sees of a stream.
type wire struct{ network.Stream }

func (w wire) ResponseHeaders() p2p.Headers { return nil }
func (w wire) Headers() p2p.Headers         { return nil }
func (w wire) Reset() error                 { return w.Stream.Reset() }

// FullClose as bee does it: the write side, then until the other end closes.
func (w wire) FullClose() error {
	if err := w.CloseWrite(); err != nil {
		_ = w.Stream.Reset()
		return err
	}
	_ = w.SetDeadline(time.Now().Add(30 * time.Second))
	if n, err := io.Copy(io.Discard, w.Stream); n != 0 || err != nil {
		_ = w.Stream.Reset()
		return errors.Join(err, fmt.Errorf("%d bytes behind the end", n))
	}
	return w.Stream.Close()
}

// headers reads those of the other end, byte by byte: what follows is for the syncer.
func headers(from io.Reader) error {
	size, err := binary.ReadUvarint(single{from})
	if err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, from, int64(size))
	return err
}

type single struct{ io.Reader }

func (s single) ReadByte() (byte, error) {
	one := make([]byte, 1)
	_, err := io.ReadFull(s.Reader, one)
	return one[0], err
}

// streamer opens streams to one peer, whatever address a syncer names.
type streamer struct {
	host host.Host
	to   string
}

func (s streamer) NewStream(ctx context.Context, _ swarm.Address, _ p2p.Headers, name, version, stream string) (p2p.Stream, error) {
	info, err := peer.AddrInfoFromString(s.to)
	if err != nil {
		return nil, err
	}
	if err := s.host.Connect(ctx, *info); err != nil {
		return nil, err
	}
	opened, err := s.host.NewStream(ctx, info.ID, protocolID(name, version, stream))
	if err != nil {
		return nil, err
	}
	if _, err := opened.Write([]byte{0}); err != nil {
		return nil, err
	}
	if err := headers(opened); err != nil {
		_ = opened.Reset()
		return nil, err
	}
	return wire{opened}, nil
}

// answer has a syncer answer the peers of a host.
func answer(host host.Host, syncer interface{ Protocol() p2p.ProtocolSpec }) {
	spec := syncer.Protocol()
	for _, each := range spec.StreamSpecs {
		host.SetStreamHandler(protocolID(spec.Name, spec.Version, each.Name), func(stream network.Stream) {
			if err := headers(stream); err != nil {
				_ = stream.Reset()
				return
			}
			if _, err := stream.Write([]byte{0}); err != nil {
				_ = stream.Reset()
				return
			}
			remote := swarm.NewAddress([]byte(stream.Conn().RemotePeer()))
			if err := each.Handler(context.Background(), p2p.Peer{Address: remote, FullNode: true}, wire{stream}); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %s\n", each.Name, err)
			}
		})
	}
}
