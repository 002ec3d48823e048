package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/ipfs/go-cid"
	"github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/blockstore"
	"github.com/ipld/go-car/v2/index"
	"github.com/multiformats/go-multicodec"
)

const noIndex = "none"

// indexes are the kinds that repack writes and look-up names, beside none.
var indexes = map[string]multicodec.Code{
	"multihash-sorted": multicodec.CarMultihashIndexSorted,
	"sorted":           multicodec.CarIndexSorted,
}

// repack writes the blocks of a CAR into another one.
func repack(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("repack", flag.ContinueOnError)
	from := flags.String("car", "", "CAR `file` to read")
	out := flags.String("out", "", "CAR `file` to write")
	version1 := flags.Bool("car-v1", false, "write CAR version 1")
	kind := flags.String("index", "multihash-sorted", "`kind` of index: multihash-sorted, sorted or none")
	if err := parse(flags, args, "car", "out"); err != nil {
		return err
	}
	if *kind == noIndex {
		bare := *out + ".v1"
		defer os.Remove(bare)
		if err := repackTo(ctx, *from, bare, blockstore.WriteAsCarV1(true)); err != nil {
			return err
		}
		if err := wrapBare(bare, *out); err != nil {
			return err
		}
	} else {
		codec, known := indexes[*kind]
		if !known {
			return usageError("no such index: " + *kind)
		}
		if err := repackTo(ctx, *from, *out, blockstore.WriteAsCarV1(*version1), car.UseIndexCodec(codec)); err != nil {
			return err
		}
	}
	checked, err := checkBlocks(*out)
	if err != nil {
		return err
	}
	say(checked)
	return nil
}

func repackTo(ctx context.Context, from, out string, form ...car.Option) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	blocks, err := car.NewBlockReader(file)
	if err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	written, err := blockstore.OpenReadWrite(out, blocks.Roots, append(form, blockstore.UseWholeCIDs(true))...)
	if err != nil {
		return err
	}
	for {
		block, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			return written.Finalize()
		}
		if err != nil {
			return err
		}
		if err := written.Put(ctx, block); err != nil {
			return err
		}
	}
}

// wrapBare makes a CAR version 2 without an index, which the library writes only along with a walk.
func wrapBare(version1, out string) error {
	payload, err := os.ReadFile(version1)
	if err != nil {
		return err
	}
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(car.Pragma); err != nil {
		return err
	}
	header := car.NewHeader(uint64(len(payload)))
	header.IndexOffset = 0
	if _, err := header.WriteTo(file); err != nil {
		return err
	}
	_, err = file.Write(payload)
	return err
}

// lookedUp is what look-up says.
type lookedUp struct {
	Index  string `json:"index"`
	Blocks int    `json:"blocks"`
}

// lookUp finds every block of a CAR by the index that stands in it.
func lookUp(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("look-up", flag.ContinueOnError)
	path := flags.String("car", "", "CAR `file` with an index")
	if err := parse(flags, args, "car"); err != nil {
		return err
	}
	reader, err := car.OpenReader(*path)
	if err != nil {
		return err
	}
	defer reader.Close()
	if !reader.Header.HasIndex() {
		say(lookedUp{Index: noIndex})
		return nil
	}
	stored, err := reader.IndexReader()
	if err != nil {
		return err
	}
	places, err := index.ReadFrom(stored)
	if err != nil {
		return err
	}
	result := lookedUp{}
	for kind, codec := range indexes {
		if codec == places.Codec() {
			result.Index = kind
		}
	}
	data, err := reader.DataReader()
	if err != nil {
		return err
	}
	blocks, err := car.NewBlockReader(data)
	if err != nil {
		return err
	}
	for {
		block, err := blocks.SkipNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := standsAt(places, block.Cid, block.Offset); err != nil {
			return err
		}
		result.Blocks++
	}
	say(result)
	return nil
}

func standsAt(places index.Index, block cid.Cid, offset uint64) error {
	found := false
	err := places.GetAll(block, func(at uint64) bool {
		found = at == offset
		return !found
	})
	if err != nil {
		return fmt.Errorf("%s: %w", block, err)
	}
	if !found {
		return fmt.Errorf("%s stands at %d, and not where the index says", block, offset)
	}
	return nil
}
