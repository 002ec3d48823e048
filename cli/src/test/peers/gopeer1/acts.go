package main

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"time"

	datatransfer "github.com/filecoin-project/go-data-transfer"
	"github.com/libp2p/go-libp2p-core/host"
	"github.com/libp2p/go-libp2p-core/peer"
)

// acts are what an end of a transfer does on its way, once each, when so many bytes have moved.
type acts struct {
	pauseAfter, cancelAfter, cutAfter byteSize
	pauseFor, cutFor                  time.Duration
	restart                           bool
	vouchers                          int
}

func (a *acts) register(flags *flag.FlagSet) {
	flags.Var(&a.pauseAfter, "pause-after", "pause after so many `bytes`")
	flags.DurationVar(&a.pauseFor, "pause-for", 500*time.Millisecond, "`time` to resume after; 0 stays paused")
	flags.Var(&a.cancelAfter, "cancel-after", "cancel after so many `bytes`")
	flags.Var(&a.cutAfter, "cut-after", "cut the connection after so many `bytes`")
	flags.DurationVar(&a.cutFor, "cut-for", 500*time.Millisecond, "`time` to wait then")
	flags.BoolVar(&a.restart, "restart", false, "restart the transfer after that")
	flags.IntVar(&a.vouchers, "vouchers", 0, "`number` of further vouchers to send, one whenever the other end pauses")
}

// limits are how much a responder lets through for each voucher.
type limits struct {
	each   byteSize
	refuse bool
	last   bool
	wait   time.Duration
}

func (l *limits) register(flags *flag.FlagSet) {
	flags.Var(&l.each, "limit", "`bytes` that each voucher is good for")
	flags.DurationVar(&l.wait, "voucher-wait", 300*time.Millisecond, "`time` to think about a voucher: go-graphsync loses "+
		"its place when a request of its own goes on at once after a pause")
	flags.BoolVar(&l.refuse, "refuse-vouchers", false, "refuse all but the first")
	flags.BoolVar(&l.last, "last-voucher", false, "want one more when all is there")
}

// course is what a transfer went through at this end.
type course struct {
	Role     string   `json:"role"`
	Transfer string   `json:"transfer"`
	Peer     string   `json:"peer"`
	CID      string   `json:"cid"`
	Status   string   `json:"status"`
	Statuses []string `json:"statuses"`
	Events   []string `json:"events"`
	Queued   uint64   `json:"queued"`
	Sent     uint64   `json:"sent"`
	Received uint64   `json:"received"`
	Blocks   int64    `json:"blocks"`
	Vouchers int      `json:"vouchers"`
	Results  int      `json:"results"`
	Pauses   int      `json:"pauses"`
	Restarts int      `json:"restarts"`
	Message  string   `json:"message,omitempty"`
}

// actor follows one transfer, and acts.
type actor struct {
	acts
	transfers datatransfer.Manager
	host      host.Host

	lock   sync.Mutex
	course course
	done   map[string]bool
	paused bool
}

func newActor(a acts, h host.Host, transfers datatransfer.Manager) *actor {
	return &actor{acts: a, transfers: transfers, host: h, done: map[string]bool{}}
}

func (a *actor) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.note(event, channel)
	moved := max(channel.Queued(), channel.Received())
	id, other := channel.ChannelID(), channel.OtherPeer()
	a.once("pause", a.pauseAfter, moved, func(ctx context.Context) error {
		if err := a.transfers.PauseDataTransferChannel(ctx, id); err != nil || a.pauseFor == 0 {
			return err
		}
		time.Sleep(a.pauseFor)
		return a.transfers.ResumeDataTransferChannel(ctx, id)
	})
	a.once("cancel", a.cancelAfter, moved, func(ctx context.Context) error {
		return a.transfers.CloseDataTransferChannel(ctx, id)
	})
	a.once("cut", a.cutAfter, moved, func(ctx context.Context) error { return a.cut(ctx, id, other) })
	switch event.Code { // a pause may be told twice
	case datatransfer.PauseResponder:
		if !a.paused && a.vouchers > 0 && id.Initiator == a.host.ID() {
			a.vouchers--
			again := channel.Voucher()
			a.do("voucher", func(ctx context.Context) error { return a.transfers.SendVoucher(ctx, id, again) })
		}
		a.paused = true
	case datatransfer.ResumeResponder:
		a.paused = false
	}
}

func (a *actor) note(event datatransfer.Event, channel datatransfer.ChannelState) {
	c := &a.course
	c.Role = "responder"
	if channel.ChannelID().Initiator == a.host.ID() {
		c.Role = "initiator"
	}
	c.Transfer, c.Peer, c.CID = fmt.Sprint(channel.TransferID()), channel.OtherPeer().String(), channel.BaseCID().String()
	c.Status = datatransfer.Statuses[channel.Status()]
	c.Statuses = noted(c.Statuses, c.Status)
	c.Queued, c.Sent, c.Received = channel.Queued(), channel.Sent(), channel.Received()
	c.Blocks = max(channel.ReceivedCidsTotal(), channel.QueuedCidsTotal())
	c.Vouchers, c.Results = len(channel.Vouchers()), len(channel.VoucherResults())
	c.Message = channel.Message()
	switch event.Code {
	case datatransfer.PauseInitiator, datatransfer.PauseResponder:
		c.Pauses++
	case datatransfer.Restart:
		c.Restarts++
	}
	c.Events = noted(c.Events, eventName(event.Code))
}

// noted adds what is not the last already; that blocks come by is taken for granted.
func noted(list []string, what string) []string {
	if what == "" || len(list) > 0 && list[len(list)-1] == what {
		return list
	}
	return append(list, what)
}

func eventName(code datatransfer.EventCode) string {
	switch code {
	case datatransfer.DataReceived, datatransfer.DataSent, datatransfer.DataQueued,
		datatransfer.DataReceivedProgress, datatransfer.DataSentProgress, datatransfer.DataQueuedProgress:
		return ""
	}
	return datatransfer.Events[code]
}

func (a *actor) once(name string, after byteSize, moved uint64, act func(context.Context) error) {
	if after == 0 || moved < uint64(after) || a.done[name] {
		return
	}
	a.done[name] = true
	a.do(name, act)
}

// do acts beside the events, which must not wait.
func (a *actor) do(name string, act func(context.Context) error) {
	go func() {
		warn(name, act(context.Background()))
	}()
}

// cut ends the connection. Whoever restarts dials again: at the address that was dialled before, or that the other
// end said it listens at.
func (a *actor) cut(ctx context.Context, id datatransfer.ChannelID, other peer.ID) error {
	known := peer.AddrInfo{ID: other, Addrs: a.host.Peerstore().Addrs(other)}
	if err := a.host.Network().ClosePeer(other); err != nil || !a.restart {
		return err
	}
	time.Sleep(a.cutFor)
	if err := a.host.Connect(ctx, known); err != nil {
		return err
	}
	return a.transfers.RestartDataTransferChannel(ctx, id)
}

func (a *actor) told() course {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.course
}
