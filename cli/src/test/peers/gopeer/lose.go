package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/ipld/go-car/v2"
)

// lost is what lose says.
type lost struct {
	CID    string `json:"cid"`
	Blocks int    `json:"blocks"`
	Out    string `json:"out"`
}

// lose makes what a peer has that lacks a block: the CAR file, as version 2, without the block at a place.
func lose(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("lose", flag.ContinueOnError)
	from := flags.String("car", "", "CAR `file` to copy")
	out := flags.String("out", "", "CAR `file` to write, replaced if it exists")
	place := flags.Int("block", 0, "`number` of the block to leave out, from 0 on")
	if err := parse(flags, args, "car", "out"); err != nil {
		return err
	}
	file, err := os.Open(*from)
	if err != nil {
		return err
	}
	defer file.Close()
	blocks, err := car.NewBlockReader(file)
	if err != nil {
		return err
	}
	if len(blocks.Roots) != 1 {
		return fmt.Errorf("%s has %d roots", *from, len(blocks.Roots))
	}
	rest, err := createCar(*out, blocks.Roots[0], false)
	if err != nil {
		return err
	}
	defer rest.Close()
	result := lost{Out: *out}
	for at := 0; ; at++ {
		block, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if at == *place {
			result.CID = block.Cid().String()
			continue
		}
		result.Blocks++
		if err := rest.blocks.Put(context.Background(), block); err != nil {
			return err
		}
	}
	if result.CID == "" {
		return usageError(fmt.Sprintf("--block %d: there are %d", *place, result.Blocks))
	}
	if err := rest.finish(blocks.Roots[0]); err != nil {
		return err
	}
	say(result)
	return nil
}
