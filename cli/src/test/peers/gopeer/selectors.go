package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"

	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/ipldutil"
	"github.com/ipfs/go-unixfsnode"
	"github.com/ipld/go-ipld-prime"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/datamodel"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/ipld/go-ipld-prime/traversal"
	trustless "github.com/ipld/go-trustless-utils/traversal"
)

// oddSelectors are what to walk: blocks, and cases with a root and a selector.
type oddSelectors struct {
	Blocks []struct {
		CID string `json:"cid"`
		Hex string `json:"hex"`
	} `json:"blocks"`
	Cases []struct {
		Name     string   `json:"name"`
		Root     string   `json:"root"`
		Missing  []string `json:"missing"`
		Selector string   `json:"selectorHex"` // as on the wire: in dag-json fields may have another order
	} `json:"cases"`
}

// walks are what is said of a case: the way of go-graphsync, which is the same at both ends of a request, and that of
// lassie where it checks blocks that did not come by GraphSync.
type walks struct {
	Name      string `json:"name"`
	Graphsync walk   `json:"graphsync"`
	Lassie    walk   `json:"lassie"`
}

// walk is what was loaded and visited, and how it ended.
type walk struct {
	Loads  []loading `json:"loads"`
	Visits []visit   `json:"visits,omitempty"`
	Error  string    `json:"error,omitempty"`
}

type loading struct {
	CID   string `json:"cid"`
	Found bool   `json:"found"`
}

type visit struct {
	Path    string `json:"path"`
	Matched bool   `json:"matched"`
}

// walkSelectors takes the selectors of a file, and says what becomes of each.
func walkSelectors(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("selectors", flag.ContinueOnError)
	path := flags.String("file", "", "`file` of blocks and selectors, in JSON")
	if err := parse(flags, args, "file"); err != nil {
		return err
	}
	text, err := os.ReadFile(*path)
	if err != nil {
		return err
	}
	var odd oddSelectors
	if err := json.Unmarshal(text, &odd); err != nil {
		return err
	}
	for _, each := range odd.Cases {
		root, err := cid.Parse(each.Root)
		if err != nil {
			return err
		}
		encoded, err := hex.DecodeString(each.Selector)
		if err != nil {
			return err
		}
		selector, err := ipld.DecodeUsingPrototype(encoded, dagcbor.Decode, basicnode.Prototype.Any)
		if err != nil {
			return err
		}
		blocks := map[string][]byte{}
		for _, block := range odd.Blocks {
			if blocks[block.CID], err = hex.DecodeString(block.Hex); err != nil {
				return err
			}
		}
		for _, missing := range each.Missing {
			delete(blocks, missing)
		}
		say(walks{each.Name, asGraphsync(ctx, blocks, root, selector), asLassie(ctx, blocks, root, selector)})
	}
	return nil
}

// asGraphsync walks as go-graphsync's own loops do: a block that is missing is passed over, unless it is the first; what
// matches is read to its end, and a part of it that cannot be read is only logged.
func asGraphsync(ctx context.Context, blocks map[string][]byte, root cid.Cid, selector datamodel.Node) walk {
	result := walk{Loads: []loading{}}
	links := cidlink.DefaultLinkSystem()
	links.TrustedStorage = true
	unixfsnode.AddUnixFSReificationToLinkSystem(&links)
	traverser := ipldutil.TraversalBuilder{
		Root:       cidlink.Link{Cid: root},
		Selector:   selector,
		LinkSystem: links,
		Visitor: func(at traversal.Progress, node datamodel.Node, reason traversal.VisitReason) error {
			matched := reason == traversal.VisitReason_SelectionMatch
			result.Visits = append(result.Visits, visit{at.Path.String(), matched})
			if large, is := node.(datamodel.LargeBytesNode); matched && is {
				if content, err := large.AsLargeBytes(); err == nil {
					_, _ = io.Copy(io.Discard, content)
				}
			}
			return nil
		},
	}.Start(ctx)
	for {
		done, err := traverser.IsComplete()
		if done {
			return result.ended(err)
		}
		link, _ := traverser.CurrentRequest()
		data, found := blocks[link.String()]
		result.Loads = append(result.Loads, loading{link.String(), found})
		if !found {
			traverser.Error(traversal.SkipMe{})
		} else if err := traverser.Advance(bytes.NewBuffer(data)); err != nil {
			return result.ended(err)
		}
	}
}

// asLassie walks as lassie does, which stops at the first block that is missing.
func asLassie(ctx context.Context, blocks map[string][]byte, root cid.Cid, selector datamodel.Node) walk {
	result := walk{Loads: []loading{}}
	links := cidlink.DefaultLinkSystem()
	links.TrustedStorage = true
	unixfsnode.AddUnixFSReificationToLinkSystem(&links)
	links.StorageReadOpener = func(_ ipld.LinkContext, link ipld.Link) (io.Reader, error) {
		data, found := blocks[link.String()]
		result.Loads = append(result.Loads, loading{link.String(), found})
		if !found {
			return nil, errors.New("no such block")
		}
		return bytes.NewReader(data), nil
	}
	_, err := trustless.Config{Root: root, Selector: selector}.Traverse(ctx, links, nil)
	return result.ended(err)
}

func (w walk) ended(err error) walk {
	if err != nil {
		w.Error = err.Error()
	}
	return w
}
