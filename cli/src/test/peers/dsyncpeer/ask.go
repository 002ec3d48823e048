package main

import (
	"context"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/qri-io/dag"
	"github.com/qri-io/dag/dsync"
)

// byBlock hides that a remote can stream.
type byBlock struct{ dsync.DagSyncable }

func (o *options) remote(ctx context.Context, held *store) (dsync.DagSyncable, error) {
	if strings.HasPrefix(o.url, "/") {
		return o.peerRemote(ctx, held)
	}
	client := &dsync.HTTPClient{URL: o.url}
	if o.blocks {
		return byBlock{client}, nil
	}
	return client, nil
}

// asked is a remote for what needs no blocks of its own.
func (o *options) asked(ctx context.Context) (dsync.DagSyncable, error) {
	held, err := openStore(nil)
	if err != nil {
		return nil, err
	}
	return o.remote(ctx, held)
}

func push(ctx context.Context, o *options) error {
	held, err := openStore(o.cars)
	if err != nil {
		return err
	}
	root, err := cid.Parse(o.cid)
	if err != nil {
		return err
	}
	info, err := dag.NewInfo(ctx, held, root)
	if err != nil {
		return err
	}
	to, err := o.remote(ctx, held)
	if err != nil {
		return err
	}
	sending, err := dsync.NewPush(held, info, to, o.pin)
	if err != nil {
		return err
	}
	sending.SetMeta(o.meta.pairs())
	go drain(sending.Updates())
	if err := sending.Do(ctx); err != nil {
		return err
	}
	say(map[string]any{"ok": true, "cid": o.cid, "nodes": len(info.Manifest.Nodes)})
	return nil
}

func pull(ctx context.Context, o *options) error {
	held, err := openStore(o.cars)
	if err != nil {
		return err
	}
	from, err := o.remote(ctx, held)
	if err != nil {
		return err
	}
	info, err := from.GetDagInfo(ctx, o.cid, o.meta.pairs())
	if err != nil {
		return err
	}
	held.learn(info.Manifest)
	fetching, err := dsync.NewPullWithInfo(info, held, blockAPI{store: held}, from, o.meta.pairs())
	if err != nil {
		return err
	}
	go drain(fetching.Updates())
	if err := fetching.Do(ctx); err != nil {
		return err
	}
	if err := held.writeCar(o.out, info.Manifest); err != nil {
		return err
	}
	blocks, bytes := held.counted()
	say(map[string]any{"ok": true, "cid": o.cid, "nodes": len(info.Manifest.Nodes), "received": blocks, "bytes": bytes})
	return nil
}

// drain reads what would hold up the library if nobody did.
func drain(updates <-chan dag.Completion) {
	for range updates {
	}
}

func info(ctx context.Context, o *options) error {
	from, err := o.asked(ctx)
	if err != nil {
		return err
	}
	found, err := from.GetDagInfo(ctx, o.cid, o.meta.pairs())
	if err != nil {
		return err
	}
	say(map[string]any{
		"ok": true, "cid": found.RootCID().String(), "nodes": len(found.Manifest.Nodes), "links": len(found.Manifest.Links),
	})
	return nil
}

func block(ctx context.Context, o *options) error {
	from, err := o.asked(ctx)
	if err != nil {
		return err
	}
	data, err := from.GetBlock(ctx, o.cid)
	if err != nil {
		return err
	}
	id, err := cid.Parse(o.cid)
	if err != nil {
		return err
	}
	named, err := id.Prefix().Sum(data)
	if err != nil {
		return err
	}
	say(map[string]any{"ok": named.Equals(id), "cid": o.cid, "bytes": len(data)})
	return nil
}

func remove(ctx context.Context, o *options) error {
	at, err := o.asked(ctx)
	if err != nil {
		return err
	}
	if err := at.RemoveCID(ctx, o.cid, o.meta.pairs()); err != nil {
		return err
	}
	say(map[string]any{"ok": true, "cid": o.cid})
	return nil
}
