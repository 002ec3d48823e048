package main

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/ethersphere/bee/pkg/logging"
	"github.com/ethersphere/bee/pkg/postage"
	"github.com/ethersphere/bee/pkg/pullsync"
	"github.com/ethersphere/bee/pkg/pullsync/pullstorage"
	"github.com/ethersphere/bee/pkg/storage"
	"github.com/ethersphere/bee/pkg/swarm"
	"github.com/libp2p/go-libp2p/core/host"
)

const idle = 500 * time.Millisecond

// reserve holds chunks in memory; what a syncer does not use of a store is not there.
type reserve struct {
	pullstorage.Storer
	lock    sync.Mutex
	chunks  map[string]swarm.Chunk
	bins    [swarm.MaxBins][]swarm.Address
	changed chan struct{}
}

func newReserve() *reserve {
	return &reserve{chunks: map[string]swarm.Chunk{}, changed: make(chan struct{})}
}

func newSyncer(host host.Host, to string, held *reserve) *pullsync.Syncer {
	return pullsync.New(streamer{host, to}, held, func(swarm.Chunk) {}, validStamp, logging.New(io.Discard, 0))
}

func validStamp(chunk swarm.Chunk, bytes []byte) (swarm.Chunk, error) {
	stamp := new(postage.Stamp)
	if err := stamp.UnmarshalBinary(bytes); err != nil {
		return nil, err
	}
	if string(stamp.BatchID()) != string(batchID) {
		return nil, storage.ErrNotFound
	}
	return chunk.WithStamp(stamp), stamp.Valid(chunk.Address(), owner.account, depth, bucketDepth, false)
}

func ask(ctx context.Context, syncer *pullsync.Syncer) ([]uint64, error) {
	return syncer.GetCursors(ctx, swarm.ZeroAddress)
}

func page(ctx context.Context, syncer *pullsync.Syncer, bin int, from, to uint64) (uint64, error) {
	topmost, _, err := syncer.SyncInterval(ctx, swarm.ZeroAddress, uint8(bin), from, to)
	return topmost, err
}

func (r *reserve) add(chunk swarm.Chunk) {
	r.lock.Lock()
	defer r.lock.Unlock()
	key := chunk.Address().ByteString()
	if _, has := r.chunks[key]; has {
		return
	}
	r.chunks[key] = chunk
	bin := swarm.Proximity(overlay.Bytes(), chunk.Address().Bytes())
	r.bins[bin] = append(r.bins[bin], chunk.Address())
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *reserve) all() []swarm.Chunk {
	r.lock.Lock()
	defer r.lock.Unlock()
	var all []swarm.Chunk
	for _, chunk := range r.chunks {
		all = append(all, chunk)
	}
	return all
}

func (r *reserve) Cursors(context.Context) ([]uint64, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	last := make([]uint64, swarm.MaxBins)
	for bin := range r.bins {
		last[bin] = uint64(len(r.bins[bin]))
	}
	return last, nil
}

func (r *reserve) Get(_ context.Context, _ storage.ModeGet, addresses ...swarm.Address) ([]swarm.Chunk, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	var found []swarm.Chunk
	for _, address := range addresses {
		chunk, has := r.chunks[address.ByteString()]
		if !has {
			return nil, storage.ErrNotFound
		}
		found = append(found, chunk)
	}
	return found, nil
}

func (r *reserve) Put(_ context.Context, _ storage.ModePut, chunks ...swarm.Chunk) error {
	for _, chunk := range chunks {
		r.add(chunk)
	}
	return nil
}

func (r *reserve) Has(_ context.Context, address swarm.Address) (bool, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	_, has := r.chunks[address.ByteString()]
	return has, nil
}

func (r *reserve) IntervalChunks(ctx context.Context, bin uint8, from, to uint64, limit int) ([]swarm.Address, uint64, error) {
	var quiet <-chan time.Time
	seen := 0
	for {
		r.lock.Lock()
		items, changed := r.bins[bin], r.changed
		r.lock.Unlock()
		last := min(to, uint64(len(items)))
		var found []swarm.Address
		for number := max(from, 1); number <= last && len(found) < limit; number++ {
			found = append(found, items[number-1])
		}
		topmost := from + uint64(len(found)) - 1
		if topmost == to || len(found) == limit {
			return found, topmost, nil
		}
		if len(found) > seen {
			seen, quiet = len(found), time.After(idle)
		}
		select {
		case <-changed:
		case <-quiet:
			return found, topmost, nil
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}
