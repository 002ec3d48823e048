package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"

	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/storeutil"
	"github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/blockstore"
	dagpb "github.com/ipld/go-codec-dagpb"
	"github.com/ipld/go-ipld-prime"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/ipld/go-ipld-prime/traversal"
	"github.com/ipld/go-ipld-prime/traversal/selector"
	selectorparse "github.com/ipld/go-ipld-prime/traversal/selector/parse"

	_ "github.com/ipld/go-ipld-prime/codec/cbor"
	_ "github.com/ipld/go-ipld-prime/codec/dagcbor"
	_ "github.com/ipld/go-ipld-prime/codec/dagjson"
	_ "github.com/ipld/go-ipld-prime/codec/json"
	_ "github.com/ipld/go-ipld-prime/codec/raw"
	_ "github.com/multiformats/go-multihash/register/all"
)

// carFile is a CAR file being written.
type carFile struct {
	file   *os.File
	blocks *blockstore.ReadWrite
}

// createCar makes a CAR file, in place of one that is there. The root can be changed at the end for another
// of the same length.
func createCar(path string, root cid.Cid, version1 bool) (*carFile, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	blocks, err := blockstore.OpenReadWriteFile(file, []cid.Cid{root}, blockstore.WriteAsCarV1(version1),
		blockstore.UseWholeCIDs(true))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &carFile{file, blocks}, nil
}

func (c *carFile) has(block cid.Cid) (bool, error) {
	return c.blocks.Has(context.Background(), block)
}

// finish writes the index and waits until the disk has it all. Blocks can still be read after it.
func (c *carFile) finish(root cid.Cid) error {
	if err := c.blocks.FinalizeReadOnly(); err != nil {
		return err
	}
	if err := car.ReplaceRootsInFile(c.file.Name(), []cid.Cid{root}); err != nil {
		return err
	}
	return c.file.Sync()
}

func (c *carFile) Close() error {
	c.blocks.Discard()
	return c.file.Close()
}

// inspected is what inspect says.
type inspected struct {
	Version   uint64   `json:"version"`
	Roots     []string `json:"roots"`
	Blocks    uint64   `json:"blocks"`
	Bytes     uint64   `json:"bytes"`
	Indexed   bool     `json:"indexed"`
	CID       string   `json:"cid,omitempty"`
	DagBlocks uint64   `json:"dagBlocks,omitempty"`
}

func inspect(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	path := flags.String("car", "", "CAR `file` to check")
	walk := flags.String("cid", "", "`CID` whose whole DAG has to be in it")
	if err := parse(flags, args, "car"); err != nil {
		return err
	}
	result, err := checkBlocks(*path)
	if err != nil {
		return err
	}
	if *walk != "" {
		root, err := cid.Parse(*walk)
		if err != nil {
			return usageError(err.Error())
		}
		result.CID = root.String()
		if result.DagBlocks, err = walkAll(ctx, *path, root); err != nil {
			return err
		}
	}
	say(result)
	return nil
}

// checkBlocks reads the file from start to end; the reader compares every block with its CID.
func checkBlocks(path string) (*inspected, error) {
	reader, err := car.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	result := &inspected{Version: reader.Version, Roots: []string{}, Indexed: reader.Header.HasIndex()}
	roots, err := reader.Roots()
	if err != nil {
		return nil, err
	}
	for _, root := range roots {
		result.Roots = append(result.Roots, root.String())
	}
	data, err := reader.DataReader()
	if err != nil {
		return nil, err
	}
	blocks, err := car.NewBlockReader(data)
	if err != nil {
		return nil, err
	}
	for {
		block, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return nil, err
		}
		result.Blocks++
		result.Bytes += uint64(len(block.RawData()))
	}
}

// walkAll loads every block that can be reached from the root, each once, and counts them.
func walkAll(ctx context.Context, path string, root cid.Cid) (uint64, error) {
	blocks, err := blockstore.OpenReadOnly(path)
	if err != nil {
		return 0, err
	}
	defer blocks.Close()
	links := storeutil.LinkSystemForBlockstore(blocks)
	chooser := dagpb.AddSupportToChooser(basicnode.Chooser)
	all, err := selector.CompileSelector(selectorparse.CommonSelector_ExploreAllRecursively)
	if err != nil {
		return 0, err
	}
	link := cidlink.Link{Cid: root}
	prototype, err := chooser(link, ipld.LinkContext{Ctx: ctx})
	if err != nil {
		return 0, err
	}
	node, err := links.Load(ipld.LinkContext{Ctx: ctx}, link, prototype)
	if err != nil {
		return 0, err
	}
	var count uint64 = 1
	read := links.StorageReadOpener
	links.StorageReadOpener = func(at ipld.LinkContext, link ipld.Link) (io.Reader, error) {
		count++
		return read(at, link)
	}
	progress := traversal.Progress{Cfg: &traversal.Config{
		Ctx:                            ctx,
		LinkSystem:                     links,
		LinkTargetNodePrototypeChooser: chooser,
		LinkVisitOnlyOnce:              true,
	}}
	err = progress.WalkAdv(node, all, func(traversal.Progress, ipld.Node, traversal.VisitReason) error { return nil })
	return count, err
}
