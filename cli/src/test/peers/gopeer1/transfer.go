package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	datatransfer "github.com/filecoin-project/go-data-transfer"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/peer"
)

// linger is for messages to the other end that are still on their way.
const linger = 300 * time.Millisecond

// told is what a command says of a transfer that is over.
type told struct {
	OK    bool   `json:"ok"`
	Event string `json:"event,omitempty"`
	course
	Error string `json:"error,omitempty"`
}

// start makes an end: a host, and a manager that knows all vouchers.
func start(ctx context.Context, o *options, b *blocks) (host.Host, datatransfer.Manager, error) {
	h, err := newHost(o)
	if err != nil {
		return nil, nil, err
	}
	transfers, err := newTransfers(ctx, h, o.graphsync, b.links())
	if err != nil {
		return nil, nil, err
	}
	// It closes channels on results of a type that it does not know.
	for _, result := range []datatransfer.VoucherResult{&response{}, &dealResult{}, &pushResult{}} {
		if err := transfers.RegisterVoucherResultType(result); err != nil {
			return nil, nil, err
		}
	}
	judge := &judge{limits: o.limits, blocks: b, most: int64(o.most), moved: map[datatransfer.ChannelID]uint64{}}
	for _, voucher := range []datatransfer.Voucher{&proposal{}, &pushOffer{}} {
		if err := transfers.RegisterVoucherType(voucher, judge); err != nil {
			return nil, nil, err
		}
		if err := transfers.RegisterRevalidator(voucher, judge); err != nil {
			return nil, nil, err
		}
	}
	return h, transfers, nil
}

func provide(ctx context.Context, o *options) error {
	from, err := readCar(o.car)
	if err != nil {
		return err
	}
	h, transfers, err := start(ctx, o, from)
	if err != nil {
		return err
	}
	defer h.Close()
	var lock sync.Mutex
	actors := map[datatransfer.ChannelID]*actor{}
	transfers.SubscribeToEvents(func(event datatransfer.Event, channel datatransfer.ChannelState) {
		lock.Lock()
		defer lock.Unlock()
		by := actors[channel.ChannelID()]
		if by == nil {
			by = newActor(o.acts, h, transfers)
			actors[channel.ChannelID()] = by
		}
		by.follow(event, channel)
		if event.Code == datatransfer.CleanupComplete {
			delete(actors, channel.ChannelID())
			say(told{OK: channel.Status() == datatransfer.Completed, Event: "ended", course: by.told()})
		}
	})
	announce(h)
	<-ctx.Done()
	return nil
}

func fetch(ctx context.Context, o *options) error {
	into := &blocks{}
	return open(ctx, o, into, func(h host.Host, transfers datatransfer.Manager, root cid.Cid) error {
		from, err := dial(ctx, h, o.other)
		if err != nil {
			return err
		}
		_, err = transfers.OpenPullDataChannel(ctx, from, newProposal(time.Now().UnixNano(), root), root, everything)
		return err
	}, func(root cid.Cid) error { return into.writeCar(o.out, root) })
}

func push(ctx context.Context, o *options) error {
	from, err := readCar(o.car)
	if err != nil {
		return err
	}
	return open(ctx, o, from, func(h host.Host, transfers datatransfer.Manager, root cid.Cid) error {
		to, err := dial(ctx, h, o.other)
		if err != nil {
			return err
		}
		var voucher datatransfer.Voucher = newPushOffer(from.bytes)
		if o.voucher != pushName {
			voucher = newProposal(time.Now().UnixNano(), root)
		}
		_, err = transfers.OpenPushDataChannel(ctx, to, voucher, root, everything)
		return err
	}, func(cid.Cid) error { return nil })
}

func receive(ctx context.Context, o *options) error {
	into := &blocks{}
	return open(ctx, o, into, func(h host.Host, _ datatransfer.Manager, _ cid.Cid) error {
		announce(h)
		return nil
	}, func(root cid.Cid) error { return into.writeCar(o.out, root) })
}

// open is the life of the one transfer that a command is about.
func open(ctx context.Context, o *options, b *blocks, begin func(host.Host, datatransfer.Manager, cid.Cid) error,
	finish func(cid.Cid) error) error {
	var root cid.Cid
	if o.cid != "" {
		parsed, err := cid.Parse(o.cid)
		if err != nil {
			return err
		}
		root = parsed
	}
	h, transfers, err := start(ctx, o, b)
	if err != nil {
		return err
	}
	defer h.Close()
	by := newActor(o.acts, h, transfers)
	over := make(chan error, 1)
	transfers.SubscribeToEvents(func(event datatransfer.Event, channel datatransfer.ChannelState) {
		by.follow(event, channel)
		if event.Code != datatransfer.CleanupComplete {
			return
		}
		var err error
		if channel.Status() != datatransfer.Completed {
			err = fmt.Errorf("transfer ended %s: %s", datatransfer.Statuses[channel.Status()], channel.Message())
		}
		select {
		case over <- err:
		default:
		}
	})
	if err := begin(h, transfers, root); err != nil {
		return err
	}
	select {
	case err = <-over:
		time.Sleep(linger)
	case <-ctx.Done():
		err = ctx.Err()
	}
	result := told{course: by.told()}
	if err == nil {
		if root, err = cid.Parse(result.CID); err == nil {
			err = finish(root)
		}
	}
	if result.OK = err == nil; err != nil {
		result.Error = err.Error()
	}
	say(result)
	if err != nil {
		return errReported
	}
	return nil
}

// judge accepts pulls of what is here, and pushes that are not too large; and lets so much through for each voucher.
type judge struct {
	limits
	blocks *blocks
	most   int64

	lock  sync.Mutex
	moved map[datatransfer.ChannelID]uint64
}

var errNo = errors.New("no")

func (j *judge) ValidatePull(_ bool, _ datatransfer.ChannelID, _ peer.ID, voucher datatransfer.Voucher, base cid.Cid,
	_ datamodel.Node) (datatransfer.VoucherResult, error) {
	asked, is := voucher.(*proposal)
	if !is {
		return nil, errNo
	}
	if _, has := j.blocks.get(base); !has {
		return newResponse(dealNotFound, asked.number("ID"), "no such content"), errNo
	}
	return newResponse(accepted, asked.number("ID"), ""), nil
}

func (j *judge) ValidatePush(_ bool, _ datatransfer.ChannelID, _ peer.ID, voucher datatransfer.Voucher, _ cid.Cid,
	_ datamodel.Node) (datatransfer.VoucherResult, error) {
	switch offer := voucher.(type) {
	case *pushOffer:
		if offer.number("Size") > j.most {
			return newPushResult(fmt.Sprintf("at most %d bytes", j.most)), errNo
		}
		return newPushResult(""), nil
	case *proposal:
		return newResponse(accepted, offer.number("ID"), ""), nil
	}
	return nil, errNo
}

func (j *judge) Revalidate(channel datatransfer.ChannelID,
	voucher datatransfer.Voucher) (datatransfer.VoucherResult, error) {
	time.Sleep(j.wait)
	if j.refuse {
		return newPushResult("no more"), errNo
	}
	j.lock.Lock()
	delete(j.moved, channel)
	j.lock.Unlock()
	return newPushResult(""), datatransfer.ErrResume
}

func (j *judge) count(channel datatransfer.ChannelID, bytes uint64) (bool, datatransfer.VoucherResult, error) {
	if j.each == 0 {
		return false, nil, nil
	}
	j.lock.Lock()
	defer j.lock.Unlock()
	j.moved[channel] += bytes
	if j.moved[channel] < uint64(j.each) {
		return true, nil, nil
	}
	return true, newPushResult("more"), datatransfer.ErrPause
}

func (j *judge) OnPullDataSent(channel datatransfer.ChannelID, bytes uint64) (bool, datatransfer.VoucherResult, error) {
	return j.count(channel, bytes)
}

func (j *judge) OnPushDataReceived(channel datatransfer.ChannelID,
	bytes uint64) (bool, datatransfer.VoucherResult, error) {
	return j.count(channel, bytes)
}

// OnComplete ends as go-data-transfer alone does, unless a last voucher is wanted: then with the next one.
func (j *judge) OnComplete(datatransfer.ChannelID) (bool, datatransfer.VoucherResult, error) {
	if j.last {
		return true, newPushResult("one more"), datatransfer.ErrPause
	}
	return false, nil, nil
}

func warn(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "gopeer1: %s: %s\n", what, err)
	}
}
