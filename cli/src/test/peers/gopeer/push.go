package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	datatransfer "github.com/filecoin-project/go-data-transfer/v2"
	retrieval "github.com/filecoin-project/go-retrieval-types"
	"github.com/filecoin-project/go-state-types/big"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/storeutil"
	"github.com/ipld/go-car/v2/blockstore"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	pushName       = "SluicePush/1"
	pushResultName = "SluicePushResult/1"
)

// pushed is what push and receive say of a transfer that is over.
type pushed struct {
	OK bool `json:"ok"`
	course
	Reasons []string `json:"reasons,omitempty"`
	Error   string   `json:"error,omitempty"`
}

func push(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("push", flag.ContinueOnError)
	to := flags.String("to", "", "`address` of the receiver, with its peer id")
	car := flags.String("car", "", "CAR `file` that has the DAG")
	what := flags.String("cid", "", "root `CID`")
	voucherName := flags.String("voucher-type", pushName, "`name` of the voucher: "+pushName+" or "+string(retrieval.DealProposalType))
	listen := flags.String("listen", "/ip4/127.0.0.1/tcp/0", "`address` to listen at, where a receiver that restarts finds us")
	number := flags.Uint64("identity", 0, "`number` that the key is derived from; 0 makes a new one")
	security := flags.String("security", "any", "tls, noise or any")
	timeout := flags.Duration("timeout", 10*time.Minute, "`time` after which to give up")
	level := flags.String("log", "fatal", "log `level` of the libraries")
	acts := actOptions(flags)
	if err := parse(flags, args, "to", "car", "cid"); err != nil {
		return err
	}
	if err := logTo(*level); err != nil {
		return err
	}
	root, err := cid.Parse(*what)
	if err != nil {
		return usageError(fmt.Sprintf("--cid %s: %s", *what, err))
	}
	selector, err := readSelector("")
	if err != nil {
		return err
	}
	voucher, err := pushVoucher(*voucherName, *car, root, selector)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	blocks, err := blockstore.OpenReadOnly(*car)
	if err != nil {
		return err
	}
	host, err := newHost(*security, libp2p.ListenAddrStrings(*listen), identity(*number))
	if err != nil {
		return err
	}
	defer closeAll(host, blocks)
	receiver, err := dial(ctx, host, *to)
	if err != nil {
		return err
	}
	transfers, err := newTransfers(ctx, host, storeutil.LinkSystemForBlockstore(blocks))
	if err != nil {
		return err
	}
	if err := transfers.RegisterVoucherType(voucher.Type, nil); err != nil {
		return err
	}
	actor := newActor(acts, host, transfers)
	ends := newEnds(actor)
	if _, err := transfers.OpenPushDataChannel(ctx, receiver, voucher, root, selector,
		datatransfer.WithSubscriber(ends.follow)); err != nil {
		return err
	}
	return ends.await(ctx, nil)
}

func pushVoucher(name, car string, root cid.Cid, selector datamodel.Node) (datatransfer.TypedVoucher, error) {
	switch name {
	case pushName:
		content, err := checkBlocks(car)
		if err != nil {
			return datatransfer.TypedVoucher{}, err
		}
		return datatransfer.TypedVoucher{Voucher: dagMap(member{"Size", int64(content.Bytes)}), Type: pushName}, nil
	case string(retrieval.DealProposalType):
		deal := retrieval.DealProposal{
			PayloadCID: root,
			ID:         retrieval.DealID(time.Now().UnixNano()),
			Params: retrieval.Params{
				Selector:     retrieval.CborGenCompatibleNode{Node: selector},
				PricePerByte: big.Zero(),
				UnsealPrice:  big.Zero(),
			},
		}
		return deal.AsVoucher(), nil
	}
	return datatransfer.TypedVoucher{}, usageError("--voucher-type " + name + " is not known")
}

func receive(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("receive", flag.ContinueOnError)
	listen := flags.String("listen", "/ip4/127.0.0.1/tcp/0", "`address` to listen at")
	out := flags.String("out", "", "CAR `file` to write, replaced if it exists")
	most := byteSize(1 << 40)
	flags.Var(&most, "max", "most `bytes` that a "+pushName+" may announce")
	number := flags.Uint64("identity", 0, "`number` that the key is derived from; 0 makes a new one")
	security := flags.String("security", "any", "tls, noise or any")
	timeout := flags.Duration("timeout", 10*time.Minute, "`time` after which to give up")
	level := flags.String("log", "fatal", "log `level` of the libraries")
	acts := actOptions(flags)
	limits := limitOptions(flags)
	if err := parse(flags, args, "out"); err != nil {
		return err
	}
	if err := logTo(*level); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	placeholder, err := newLayout().prefix().Sum(nil)
	if err != nil {
		return err
	}
	file, err := createCar(*out, placeholder, false)
	if err != nil {
		return err
	}
	host, err := newHost(*security, libp2p.ListenAddrStrings(*listen), identity(*number))
	if err != nil {
		return err
	}
	defer closeAll(host, file)
	transfers, err := newTransfers(ctx, host, storeutil.LinkSystemForBlockstore(file.blocks))
	if err != nil {
		return err
	}
	limits.transfers = transfers
	taker := &taker{limits: limits, most: int64(most)}
	for _, name := range []datatransfer.TypeIdentifier{pushName, retrieval.DealProposalType} {
		if err := transfers.RegisterVoucherType(name, taker); err != nil {
			return err
		}
	}
	ends := newEnds(newActor(acts, host, transfers))
	transfers.SubscribeToEvents(limits.follow)
	transfers.SubscribeToEvents(ends.follow)
	for _, address := range host.Addrs() {
		fmt.Printf("listening %s/p2p/%s\n", address, host.ID())
	}
	fmt.Println("ready")
	return ends.await(ctx, func(root cid.Cid) error {
		if err := file.finish(root); err != nil {
			return err
		}
		has, err := file.has(root)
		if err == nil && !has {
			err = errors.New("the transfer completed without its root")
		}
		return err
	})
}

// taker accepts pushes.
type taker struct {
	limits *limits
	most   int64
}

func (t *taker) ValidatePull(datatransfer.ChannelID, peer.ID, datamodel.Node, cid.Cid,
	datamodel.Node) (datatransfer.ValidationResult, error) {
	return datatransfer.ValidationResult{}, nil
}

func (t *taker) ValidatePush(_ datatransfer.ChannelID, _ peer.ID, voucher datamodel.Node, _ cid.Cid,
	_ datamodel.Node) (datatransfer.ValidationResult, error) {
	f := fields{node: voucher}
	reason := ""
	if f.has("Size") && f.number("Size") > t.most {
		reason = fmt.Sprintf("at most %d bytes", t.most)
	}
	result := pushResult(reason)
	return t.limits.first(datatransfer.ValidationResult{Accepted: reason == "", VoucherResult: &result}), f.err
}

func (t *taker) ValidateRestart(_ datatransfer.ChannelID,
	channel datatransfer.ChannelState) (datatransfer.ValidationResult, error) {
	return datatransfer.ValidationResult{Accepted: true, DataLimit: channel.DataLimit(),
		RequiresFinalization: channel.RequiresFinalization()}, nil
}

func pushResult(reason string) datatransfer.TypedVoucher {
	return datatransfer.TypedVoucher{Voucher: dagMap(member{"Reason", reason}), Type: pushResultName}
}

// limits are how much a responder lets through for each voucher.
type limits struct {
	each      byteSize
	refuse    bool
	last      bool
	wait      time.Duration
	transfers datatransfer.Manager
}

func limitOptions(flags *flag.FlagSet) *limits {
	l := &limits{}
	flags.Var(&l.each, "limit", "`bytes` that each voucher is good for")
	flags.DurationVar(&l.wait, "voucher-wait", 300*time.Millisecond, "`time` to think about a voucher: go-graphsync loses "+
		"its place when a request of its own goes on at once after a pause")
	flags.BoolVar(&l.refuse, "refuse-vouchers", false, "refuse all but the first")
	flags.BoolVar(&l.last, "last-voucher", false, "want one more when all is there")
	return l
}

func (l *limits) first(result datatransfer.ValidationResult) datatransfer.ValidationResult {
	result.DataLimit = uint64(l.each)
	result.RequiresFinalization = l.last
	return result
}

// follow answers vouchers after the first.
func (l *limits) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	if l.each == 0 && !l.last || event.Code != datatransfer.NewVoucher || channel.SelfPeer() != channel.ChannelID().Responder {
		return
	}
	answer := pushResult("")
	if l.refuse {
		answer = pushResult("no more")
	}
	result := datatransfer.ValidationResult{
		Accepted:             !l.refuse,
		VoucherResult:        &answer,
		DataLimit:            channel.DataLimit() + uint64(l.each),
		RequiresFinalization: channel.RequiresFinalization() && !channel.Status().InFinalization(),
	}
	go func() {
		time.Sleep(l.wait)
		if err := l.transfers.UpdateValidationStatus(context.Background(), channel.ChannelID(), result); err != nil {
			fmt.Fprintf(os.Stderr, "gopeer: voucher: %s\n", err)
		}
	}()
}

// ends waits for the end of the one transfer that a command is about.
type ends struct {
	actor   *actor
	over    chan error
	lock    sync.Mutex
	root    cid.Cid
	reasons []string
	read    int
}

func newEnds(actor *actor) *ends {
	return &ends{actor: actor, over: make(chan error, 1)}
}

func (e *ends) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	e.actor.follow(event, channel)
	e.lock.Lock()
	defer e.lock.Unlock()
	e.root = channel.BaseCID()
	results := channel.VoucherResults()
	for ; e.read < len(results); e.read++ {
		f := fields{node: results[e.read].Voucher}
		if f.has("Reason") {
			e.reasons = noted(e.reasons, f.text("Reason"))
		}
	}
	if event.Code != datatransfer.CleanupComplete {
		return
	}
	var err error
	if channel.Status() != datatransfer.Completed {
		err = fmt.Errorf("transfer ended %s: %s", datatransfer.Statuses[channel.Status()], channel.Message())
	}
	select {
	case e.over <- err:
	default:
	}
}

// linger is for messages to the other end that are still on their way.
const linger = 300 * time.Millisecond

// await says what came of it; a transfer that completed is finished first.
func (e *ends) await(ctx context.Context, finish func(cid.Cid) error) error {
	var err error
	select {
	case err = <-e.over:
		time.Sleep(linger)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil && finish != nil {
		err = finish(e.root)
	}
	result := pushed{OK: err == nil, course: e.actor.told(), Reasons: e.reasons}
	if err != nil {
		result.Error = err.Error()
	}
	say(result)
	if err != nil {
		return errReported
	}
	return nil
}
