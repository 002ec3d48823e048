package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	cbornode "github.com/ipfs/go-ipld-cbor"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/ipfs/go-merkledag"
	coreiface "github.com/ipfs/interface-go-ipfs-core"
	iface "github.com/ipfs/interface-go-ipfs-core/options"
	"github.com/ipfs/interface-go-ipfs-core/path"
	"github.com/ipld/go-car"
	carutil "github.com/ipld/go-car/util"
	"github.com/multiformats/go-multihash"
	"github.com/qri-io/dag"
)

// store holds blocks in memory and is all that dsync asks of a node. The library hands a block over without its CID, and
// a stock node files each as CIDv0: here it goes under the name that a manifest had for its hash.
type store struct {
	lock     sync.Mutex
	order    []cid.Cid
	data     map[cid.Cid][]byte
	names    map[string]cid.Cid
	pins     map[string]bool
	puts     int
	putBytes int
}

func openStore(cars []string) (*store, error) {
	s := &store{data: map[cid.Cid][]byte{}, names: map[string]cid.Cid{}, pins: map[string]bool{}}
	for _, name := range cars {
		if err := s.readCar(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

func (s *store) readCar(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := car.NewCarReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return err
	}
	for {
		block, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.file(block.Cid(), block.RawData())
	}
}

func (s *store) writeCar(name string, manifest *dag.Manifest) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	if err := car.WriteHeader(&car.CarHeader{Roots: []cid.Cid{manifest.RootCID()}, Version: 1}, out); err != nil {
		return err
	}
	for _, node := range manifest.Nodes {
		id, err := cid.Decode(node)
		if err != nil {
			return err
		}
		data, err := s.read(id)
		if err != nil {
			return err
		}
		if err := carutil.LdWrite(out, id.Bytes(), data); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Sync()
}

func (s *store) file(id cid.Cid, data []byte) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, has := s.data[id]; !has {
		s.order = append(s.order, id)
		s.data[id] = data
	}
}

func (s *store) read(id cid.Cid) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	data, has := s.data[id]
	if !has {
		return nil, ipld.ErrNotFound
	}
	return data, nil
}

// learn notes under which names a manifest wants its blocks.
func (s *store) learn(manifest *dag.Manifest) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, node := range manifest.Nodes {
		if id, err := cid.Decode(node); err == nil {
			s.names[string(id.Hash())] = id
		}
	}
}

func (s *store) counted() (blocks, bytes int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.puts, s.putBytes
}

// The node getter.

func (s *store) Get(_ context.Context, id cid.Cid) (ipld.Node, error) {
	data, err := s.read(id)
	if err != nil {
		return nil, err
	}
	block, err := blocks.NewBlockWithCid(data, id)
	if err != nil {
		return nil, err
	}
	switch id.Prefix().Codec {
	case cid.DagProtobuf:
		return merkledag.DecodeProtobufBlock(block)
	case cid.DagCBOR:
		return cbornode.DecodeBlock(block)
	case cid.Raw:
		return merkledag.DecodeRawBlock(block)
	}
	return nil, fmt.Errorf("no decoder for %s", id)
}

func (s *store) GetMany(ctx context.Context, ids []cid.Cid) <-chan *ipld.NodeOption {
	found := make(chan *ipld.NodeOption)
	go func() {
		defer close(found)
		for _, id := range ids {
			node, err := s.Get(ctx, id)
			select {
			case found <- &ipld.NodeOption{Node: node, Err: err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return found
}

// blockAPI and pinAPI are what dsync uses of a node's interfaces; the rest is not there.

type blockAPI struct {
	coreiface.BlockAPI
	*store
}

type stat struct {
	id   cid.Cid
	size int
}

func (s stat) Size() int           { return s.size }
func (s stat) Path() path.Resolved { return path.IpfsPath(s.id) }

func (b blockAPI) Put(_ context.Context, from io.Reader, _ ...iface.BlockPutOption) (coreiface.BlockStat, error) {
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	hash, err := multihash.Sum(data, multihash.SHA2_256, -1)
	if err != nil {
		return nil, err
	}
	b.lock.Lock()
	id, named := b.names[string(hash)]
	b.puts++
	b.putBytes += len(data)
	b.lock.Unlock()
	if !named {
		id = cid.NewCidV0(hash)
	}
	b.file(id, data)
	return stat{id, len(data)}, nil
}

func (b blockAPI) Get(_ context.Context, at path.Path) (io.Reader, error) {
	id, err := cid.Parse(at.String())
	if err != nil {
		return nil, err
	}
	data, err := b.read(id)
	return bytes.NewReader(data), err
}

type pinAPI struct {
	coreiface.PinAPI
	*store
}

func (p pinAPI) Add(_ context.Context, at path.Path, _ ...iface.PinAddOption) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.pins[at.String()] = true
	return nil
}

func (p pinAPI) Rm(_ context.Context, at path.Path, _ ...iface.PinRmOption) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if !p.pins[at.String()] {
		return errors.New("not pinned or pinned indirectly")
	}
	delete(p.pins, at.String())
	return nil
}
