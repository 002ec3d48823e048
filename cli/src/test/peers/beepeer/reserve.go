package main

import (
	"context"
	"sync"
	"time"

	"github.com/ethersphere/bee/v2/pkg/log"
	"github.com/ethersphere/bee/v2/pkg/postage"
	"github.com/ethersphere/bee/v2/pkg/pullsync"
	"github.com/ethersphere/bee/v2/pkg/soc"
	"github.com/ethersphere/bee/v2/pkg/storage"
	"github.com/ethersphere/bee/v2/pkg/storer"
	"github.com/ethersphere/bee/v2/pkg/swarm"
	"github.com/libp2p/go-libp2p/core/host"
)

// reserve holds chunks in memory; what a syncer does not use of a reserve is not there.
type reserve struct {
	storer.Reserve
	lock    sync.Mutex
	epoch   uint64
	chunks  map[string]swarm.Chunk
	bins    [swarm.MaxBins][]*storer.BinC
	changed chan struct{}
}

func newReserve() *reserve {
	return &reserve{epoch: uint64(time.Now().Unix()), chunks: map[string]swarm.Chunk{}, changed: make(chan struct{})}
}

func newSyncer(host host.Host, to string, held *reserve) *pullsync.Syncer {
	return pullsync.New(streamer{host, to}, held, func(swarm.Chunk) {}, func(*soc.SOC) {}, validStamp, log.Noop, pullsync.DefaultMaxPage)
}

func validStamp(chunk swarm.Chunk) (swarm.Chunk, error) {
	stamp := chunk.Stamp()
	if string(stamp.BatchID()) != string(batchID) {
		return nil, postage.ErrNotFound
	}
	own := postage.NewStamp(stamp.BatchID(), stamp.Index(), stamp.Timestamp(), stamp.Sig())
	return chunk, own.Valid(chunk.Address(), owner.account, depth, bucketDepth, false)
}

func ask(ctx context.Context, syncer *pullsync.Syncer) ([]uint64, error) {
	cursors, _, err := syncer.GetCursors(ctx, swarm.ZeroAddress)
	return cursors, err
}

func page(ctx context.Context, syncer *pullsync.Syncer, bin int, from, _ uint64) (uint64, error) {
	topmost, _, err := syncer.Sync(ctx, swarm.ZeroAddress, uint8(bin), from)
	return topmost, err
}

func (r *reserve) add(chunk swarm.Chunk) {
	hash, err := chunk.Stamp().Hash()
	if err != nil {
		panic(err)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	key := chunk.Address().ByteString() + string(hash)
	if _, has := r.chunks[key]; has {
		return
	}
	r.chunks[key] = chunk
	bin := swarm.Proximity(overlay.Bytes(), chunk.Address().Bytes())
	r.bins[bin] = append(r.bins[bin], &storer.BinC{
		Address: chunk.Address(), BinID: uint64(len(r.bins[bin]) + 1), BatchID: chunk.Stamp().BatchID(), StampHash: hash,
	})
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

func (r *reserve) ReserveGet(_ context.Context, address swarm.Address, _, stampHash []byte) (swarm.Chunk, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if chunk, has := r.chunks[address.ByteString()+string(stampHash)]; has {
		return chunk, nil
	}
	return nil, storage.ErrNotFound
}

func (r *reserve) ReserveHas(address swarm.Address, _, stampHash []byte) (bool, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	_, has := r.chunks[address.ByteString()+string(stampHash)]
	return has, nil
}

func (r *reserve) ReservePutter() storage.Putter { return r }

func (r *reserve) Put(_ context.Context, chunk swarm.Chunk) error {
	r.add(chunk)
	return nil
}

func (r *reserve) ReserveLastBinIDs() ([]uint64, uint64, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	last := make([]uint64, swarm.MaxBins)
	for bin := range r.bins {
		last[bin] = uint64(len(r.bins[bin]))
	}
	return last, r.epoch, nil
}

func (r *reserve) IsWithinStorageRadius(swarm.Address) bool { return true }
func (r *reserve) StorageRadius() uint8                     { return 0 }

func (r *reserve) SubscribeBin(ctx context.Context, bin uint8, start uint64) (<-chan *storer.BinC, func(), <-chan error) {
	found := make(chan *storer.BinC)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		for next := max(start, 1); ; {
			r.lock.Lock()
			items, changed := r.bins[bin], r.changed
			r.lock.Unlock()
			for ; next <= uint64(len(items)); next++ {
				select {
				case found <- items[next-1]:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found, stop, make(chan error)
}
