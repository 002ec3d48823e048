package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/ipfs/go-cid"
	_ "github.com/ipld/go-codec-dagpb"
	"github.com/ipld/go-ipld-prime"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	_ "github.com/ipld/go-ipld-prime/codec/raw"
	"github.com/ipld/go-ipld-prime/fluent/qp"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/multiformats/go-varint"
)

// blocks are held in memory, in the order in which they came.
type blocks struct {
	lock  sync.Mutex
	order []cid.Cid
	data  map[cid.Cid][]byte
	bytes int64
}

func (b *blocks) put(id cid.Cid, data []byte) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.data == nil {
		b.data = map[cid.Cid][]byte{}
	}
	if _, has := b.data[id]; !has {
		b.order, b.data[id] = append(b.order, id), data
		b.bytes += int64(len(data))
	}
}

func (b *blocks) get(id cid.Cid) ([]byte, bool) {
	b.lock.Lock()
	defer b.lock.Unlock()
	data, has := b.data[id]
	return data, has
}

func (b *blocks) links() ipld.LinkSystem {
	links := cidlink.DefaultLinkSystem()
	links.TrustedStorage = true // what comes from outside is hashed by graphsync
	links.StorageReadOpener = func(_ ipld.LinkContext, link ipld.Link) (io.Reader, error) {
		data, has := b.get(link.(cidlink.Link).Cid)
		if !has {
			return nil, fmt.Errorf("no block %s", link)
		}
		return bytes.NewReader(data), nil
	}
	links.StorageWriteOpener = func(ipld.LinkContext) (io.Writer, ipld.BlockWriteCommitter, error) {
		var data bytes.Buffer
		return &data, func(link ipld.Link) error {
			b.put(link.(cidlink.Link).Cid, data.Bytes())
			return nil
		}, nil
	}
	return links
}

// Version 2 is version 1 with something before and behind it: a pragma, and where the rest lies.
var pragma = []byte{0x0a, 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x02}

const version2Header = 40

func readCar(path string) (*blocks, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, len(pragma)+version2Header)
	var payload io.Reader = file
	if _, err := io.ReadFull(file, head); err == nil && bytes.HasPrefix(head, pragma) {
		at := int64(binary.LittleEndian.Uint64(head[len(pragma)+16:]))
		payload = io.NewSectionReader(file, at, int64(binary.LittleEndian.Uint64(head[len(pragma)+24:])))
	} else if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	reader := bufio.NewReaderSize(payload, 1<<20)
	into := &blocks{}
	for section := 0; ; section++ {
		length, err := varint.ReadUvarint(reader)
		if errors.Is(err, io.EOF) {
			return into, nil
		}
		if err != nil {
			return nil, err
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(reader, data); err != nil {
			return nil, err
		}
		if section == 0 {
			continue // the header
		}
		n, id, err := cid.CidFromBytes(data)
		if err != nil {
			return nil, err
		}
		into.put(id, data[n:])
	}
}

func (b *blocks) writeCar(path string, root cid.Cid) error {
	if _, has := b.get(root); !has {
		return errors.New("the transfer completed without its root")
	}
	header, err := qp.BuildMap(basicnode.Prototype.Map, 2, func(into ipld.MapAssembler) {
		qp.MapEntry(into, "roots", qp.List(1, func(roots ipld.ListAssembler) {
			qp.ListEntry(roots, qp.Link(cidlink.Link{Cid: root}))
		}))
		qp.MapEntry(into, "version", qp.Int(1))
	})
	if err != nil {
		return err
	}
	encoded, err := ipld.Encode(header, dagcbor.Encode)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	section := func(parts ...[]byte) {
		length := 0
		for _, part := range parts {
			length += len(part)
		}
		out.Write(varint.ToUvarint(uint64(length)))
		for _, part := range parts {
			out.Write(part)
		}
	}
	section(encoded)
	for _, id := range b.order {
		section(id.Bytes(), b.data[id])
	}
	return errors.Join(out.Flush(), file.Sync())
}
