package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	datatransfer "github.com/filecoin-project/go-data-transfer/v2"
	"github.com/filecoin-project/go-data-transfer/v2/channelmonitor"
	dtimpl "github.com/filecoin-project/go-data-transfer/v2/impl"
	dtgraphsync "github.com/filecoin-project/go-data-transfer/v2/transport/graphsync"
	retrieval "github.com/filecoin-project/go-retrieval-types"
	"github.com/filecoin-project/go-state-types/big"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/storeutil"
	"github.com/ipld/go-ipld-prime"
	"github.com/ipld/go-ipld-prime/codec/dagjson"
	"github.com/ipld/go-ipld-prime/datamodel"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/ipld/go-ipld-prime/traversal/selector"
	selectorparse "github.com/ipld/go-ipld-prime/traversal/selector/parse"
	"github.com/libp2p/go-libp2p"
)

// fetched is what fetch says in the end.
type fetched struct {
	OK              bool     `json:"ok"`
	CID             string   `json:"cid"`
	Out             string   `json:"out"`
	Status          string   `json:"status"`
	Responses       []string `json:"responses"`
	Bytes           uint64   `json:"bytes"`
	Blocks          int64    `json:"blocks"`
	Restarts        int      `json:"restarts"`
	Millis          int64    `json:"millis"`
	FirstByteMillis int64    `json:"firstByteMillis"`
	SyncMillis      int64    `json:"syncMillis"`
	MiBPerSecond    float64  `json:"mibPerSecond"`
	Statuses        []string `json:"statuses"`
	Events          []string `json:"events"`
	Pauses          int      `json:"pauses"`
	Error           string   `json:"error,omitempty"`
}

func fetch(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	from := flags.String("provider", "", "`address` of the provider, with its peer id")
	what := flags.String("cid", "", "root `CID`")
	selectorFile := flags.String("selector", "", "`file` with a selector in dag-json; the default is the whole DAG")
	out := flags.String("out", "", "CAR `file` to write, replaced if it exists")
	store := flags.String("store", "", "`folder` to write CID.car in, instead of --out")
	version1 := flags.Bool("car-v1", false, "write CAR version 1, without an index")
	price := flags.Int64("price-per-byte", 0, "`price` to propose; it is never paid")
	interval := flags.Uint64("interval", 0, "payment interval to propose, in `bytes`")
	security := flags.String("security", "any", "tls, noise or any")
	restarts := flags.Uint("restarts", 0, "`times` to restart a transfer whose connection is lost")
	timeout := flags.Duration("timeout", 10*time.Minute, "`time` after which to give up")
	level := flags.String("log", "fatal", "log `level` of the libraries")
	acts := actOptions(flags)
	if err := parse(flags, args, "provider", "cid"); err != nil {
		return err
	}
	if err := logTo(*level); err != nil {
		return err
	}
	root, err := cid.Parse(*what)
	if err != nil {
		return usageError(fmt.Sprintf("--cid %s: %s", *what, err))
	}
	path, err := target(*out, *store, root)
	if err != nil {
		return err
	}
	sel, err := readSelector(*selectorFile)
	if err != nil {
		return err
	}
	deal := retrieval.DealProposal{
		PayloadCID: root,
		ID:         retrieval.DealID(time.Now().UnixNano()),
		Params: retrieval.Params{
			Selector:        retrieval.CborGenCompatibleNode{Node: sel},
			PricePerByte:    big.NewInt(*price),
			PaymentInterval: *interval,
			UnsealPrice:     big.Zero(),
		},
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	result := fetched{CID: root.String(), Out: path, Responses: []string{}}
	err = fetchInto(ctx, &result, request{deal, *from, *security, *version1, uint32(*restarts), acts})
	if err != nil {
		var wrong usageError
		if errors.As(err, &wrong) {
			return err
		}
		result.Error = err.Error()
	}
	result.OK = result.Error == ""
	say(result)
	if !result.OK {
		return errReported
	}
	return nil
}

func target(out, store string, root cid.Cid) (string, error) {
	if (out == "") == (store == "") {
		return "", usageError("one of --out and --store is needed")
	}
	if out != "" {
		return out, nil
	}
	return filepath.Join(store, root.String()+".car"), os.MkdirAll(store, 0o777)
}

func readSelector(path string) (datamodel.Node, error) {
	if path == "" {
		return selectorparse.CommonSelector_ExploreAllRecursively, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	node, err := ipld.DecodeUsingPrototype(text, dagjson.Decode, basicnode.Prototype.Any)
	if err != nil {
		return nil, usageError(fmt.Sprintf("--selector %s: %s", path, err))
	}
	if _, err := selector.CompileSelector(node); err != nil {
		return nil, usageError(fmt.Sprintf("--selector %s: %s", path, err))
	}
	return node, nil
}

// request is what to fetch, and how.
type request struct {
	deal     retrieval.DealProposal
	from     string
	security string
	version1 bool
	restarts uint32
	acts     *acts
}

// fetchInto connects, transfers into a CAR file, and makes that durable.
func fetchInto(ctx context.Context, result *fetched, r request) error {
	root := r.deal.PayloadCID
	where := libp2p.NoListenAddrs
	if r.acts.listens {
		where = libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0")
	}
	host, err := newHost(r.security, where)
	if err != nil {
		return err
	}
	defer host.Close()
	provider, err := dial(ctx, host, r.from)
	if err != nil {
		return err
	}
	file, err := createCar(result.Out, root, r.version1)
	if err != nil {
		return err
	}
	defer file.Close()
	options := []dtimpl.DataTransferOption{}
	if r.restarts > 0 {
		options = append(options, dtimpl.ChannelRestartConfig(channelmonitor.Config{
			MaxConsecutiveRestarts: r.restarts,
			RestartDebounce:        100 * time.Millisecond,
			RestartBackoff:         500 * time.Millisecond,
		}))
	}
	transfers, err := newTransfers(ctx, host, cidlink.DefaultLinkSystem(), options...)
	if err != nil {
		return err
	}
	if err := transfers.RegisterVoucherType(retrieval.DealProposalType, nil); err != nil {
		return err
	}

	watch := newWatch(result, r.restarts > 0 || r.acts.restart || r.acts.listens)
	actor := newActor(r.acts, host, transfers)
	_, err = transfers.OpenPullDataChannel(ctx, provider, r.deal.AsVoucher(), root, r.deal.Params.Selector.Node,
		datatransfer.WithSubscriber(func(event datatransfer.Event, channel datatransfer.ChannelState) {
			actor.follow(event, channel)
			watch.follow(event, channel)
		}),
		datatransfer.WithTransportOptions(dtgraphsync.UseStore(storeutil.LinkSystemForBlockstore(file.blocks))))
	if err != nil {
		return err
	}
	err = watch.await(ctx)
	told := actor.told()
	result.Statuses, result.Events, result.Pauses = told.Statuses, told.Events, told.Pauses
	if err != nil {
		if r.acts.cancelAfter > 0 {
			time.Sleep(linger)
		}
		return err
	}
	stored := time.Now()
	if err := file.finish(root); err != nil {
		return err
	}
	result.SyncMillis = time.Since(stored).Milliseconds()
	has, err := file.has(root)
	if err == nil && !has {
		err = errors.New("the transfer completed without its root")
	}
	return err
}

// watch follows one transfer from its proposal to its end.
type watch struct {
	lock     sync.Mutex
	result   *fetched
	restarts bool
	started  time.Time
	over     chan error
	closed   bool
}

func newWatch(result *fetched, restarts bool) *watch {
	return &watch{result: result, restarts: restarts, started: time.Now(), over: make(chan error, 1)}
}

func (w *watch) await(ctx context.Context) error {
	var err error
	select {
	case err = <-w.over:
	case <-ctx.Done():
		err = ctx.Err()
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.closed = true
	took := time.Since(w.started)
	w.result.Millis = took.Milliseconds()
	w.result.MiBPerSecond = float64(int(float64(w.result.Bytes)/(1<<20)/took.Seconds()*10)) / 10
	return err
}

func (w *watch) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closed { // events go on while the host is being closed
		return
	}
	w.result.Status = datatransfer.Statuses[channel.Status()]
	w.result.Bytes = channel.Received()
	w.result.Blocks = channel.ReceivedCidsTotal()
	switch event.Code {
	case datatransfer.DataReceivedProgress:
		if w.result.FirstByteMillis == 0 {
			w.result.FirstByteMillis = time.Since(w.started).Milliseconds()
		}
	case datatransfer.NewVoucherResult:
		w.hear(channel.LastVoucherResult())
	case datatransfer.Restart:
		w.result.Restarts++
	case datatransfer.ReceiveDataError, datatransfer.Disconnected:
		if !w.restarts {
			w.end(fmt.Errorf("connection lost: %s", event.Message))
		}
	case datatransfer.Error:
		w.end(errors.New(event.Message))
	case datatransfer.CleanupComplete:
		if channel.Status() == datatransfer.Completed {
			w.end(nil)
		} else {
			w.end(fmt.Errorf("transfer ended %s: %s", w.result.Status, channel.Message()))
		}
	}
}

func (w *watch) hear(voucher datatransfer.TypedVoucher) {
	response, err := retrieval.DealResponseFromNode(voucher.Voucher)
	if err != nil {
		w.end(err)
		return
	}
	w.result.Responses = append(w.result.Responses, statusName(response.Status))
	switch response.Status {
	case retrieval.DealStatusRejected, retrieval.DealStatusDealNotFound, retrieval.DealStatusErrored,
		retrieval.DealStatusCancelled:
		w.end(fmt.Errorf("%s: %s", statusName(response.Status), response.Message))
	case retrieval.DealStatusFundsNeeded, retrieval.DealStatusFundsNeededUnseal,
		retrieval.DealStatusFundsNeededLastPayment:
		w.end(fmt.Errorf("%s: %s owed", statusName(response.Status), response.PaymentOwed))
	}
}

// end keeps the first reason only.
func (w *watch) end(err error) {
	select {
	case w.over <- err:
	default:
	}
}
