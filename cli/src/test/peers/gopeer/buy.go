package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"sync"
	"time"

	datatransfer "github.com/filecoin-project/go-data-transfer/v2"
	dtgraphsync "github.com/filecoin-project/go-data-transfer/v2/transport/graphsync"
	retrieval "github.com/filecoin-project/go-retrieval-types"
	gostate "github.com/filecoin-project/go-state-types/big"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/storeutil"
	"github.com/ipld/go-ipld-prime"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/datamodel"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-varint"
)

// bought is what buy says in the end.
type bought struct {
	OK        bool     `json:"ok"`
	CID       string   `json:"cid"`
	Out       string   `json:"out"`
	Status    string   `json:"status"`
	Deal      int64    `json:"deal,string"`
	Payer     string   `json:"payer"`
	Lane      int64    `json:"lane"`
	Nonce     int64    `json:"nonce"`
	Vouchers  int      `json:"vouchers"`
	Paid      *big.Int `json:"paid"`
	LaneTotal *big.Int `json:"laneTotal"`
	Bytes     int64    `json:"bytes"`
	// Results counts what the provider said, in the words of old and in its own.
	Results map[string]int `json:"results"`
	Error   string         `json:"error,omitempty"`
}

// order is what to buy, and with what.
type order struct {
	root     cid.Cid
	selector datamodel.Node
	terms    terms
	payee    datamodel.Node
	purse    purse
	channel  []byte
	lane     int64
	onDemand bool
	most     *big.Int
}

func buy(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("buy", flag.ContinueOnError)
	from := flags.String("provider", "", "`address` of the provider, with its peer id")
	what := flags.String("cid", "", "root `CID`")
	out := flags.String("out", "", "CAR `file` to write, replaced if it exists")
	key := flags.String("key", "", "keystore `file` of the channel's signer; $SLUICE_PASSPHRASE opens it")
	channel := flags.String("channel", "", "`id` of an open channel to the provider")
	lane := flags.Int64("lane", 0, "`number` of the lane to pay on")
	pay := flags.String("pay", "early", "early: when half a window is unpaid; demand: when asked")
	most := flags.Int64("max-total", 0, "`most` to pay in all, in base units; default the price")
	security := flags.String("security", "any", "tls, noise or any")
	timeout := flags.Duration("timeout", 10*time.Minute, "`time` after which to give up")
	level := flags.String("log", "fatal", "log `level` of the libraries")
	if err := parse(flags, args, "provider", "cid", "out", "key", "channel"); err != nil {
		return err
	}
	if err := logTo(*level); err != nil {
		return err
	}
	if *pay != "early" && *pay != "demand" {
		return usageError("--pay is early or demand, not " + *pay)
	}
	root, err := cid.Parse(*what)
	if err != nil {
		return usageError(fmt.Sprintf("--cid %s: %s", *what, err))
	}
	channelID, err := hex.DecodeString(strings.TrimPrefix(*channel, "0x"))
	if err != nil || len(channelID) != 32 {
		return usageError("--channel has 64 hex digits")
	}
	selector, err := readSelector("")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	host, err := newHost(*security, libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer host.Close()
	provider, err := dial(ctx, host, *from)
	if err != nil {
		return err
	}
	wanted := order{root: root, selector: selector, channel: channelID, lane: *lane, onDemand: *pay == "demand"}
	if err := wanted.ask(ctx, host, provider); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	if *most > 0 {
		wanted.most = big.NewInt(*most)
	}
	if wanted.purse.key, err = readWallet(*key, os.Getenv("SLUICE_PASSPHRASE")); err != nil {
		return err
	}

	result := &bought{CID: root.String(), Out: *out, Payer: wanted.purse.address(), Lane: *lane,
		Paid: new(big.Int), LaneTotal: new(big.Int), Results: map[string]int{}}
	if err := wanted.buyInto(ctx, host, provider, result); err != nil {
		result.Error = err.Error()
	}
	result.OK = result.Error == ""
	say(result)
	if !result.OK {
		return errReported
	}
	return nil
}

// ask takes over the terms and the payee of the best offer.
func (o *order) ask(ctx context.Context, h host.Host, provider peer.ID) error {
	stream, err := h.NewStream(ctx, provider, askProtocol)
	if err != nil {
		return err
	}
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(queryTimeout))
	request := dagBytes(dagMap(member{"CID", o.root}, member{"Selector", o.selector}))
	if _, err := stream.Write(append(varint.ToUvarint(uint64(len(request))), request...)); err != nil {
		return err
	}
	reader := bufio.NewReader(stream)
	length, err := varint.ReadUvarint(reader)
	if err != nil || length > 1<<20 {
		return errors.Join(err, fmt.Errorf("an answer of %d bytes", length))
	}
	answer := make([]byte, length)
	if _, err := io.ReadFull(reader, answer); err != nil {
		return err
	}
	node, err := ipld.DecodeUsingPrototype(answer, dagcbor.Decode, basicnode.Prototype.Any)
	if err != nil {
		return err
	}
	f := fields{node: node}
	status, message := f.number("Status"), f.text("Message")
	if f.err != nil || status != 0 {
		return errors.Join(f.err, fmt.Errorf("status %d: %s", status, message))
	}
	if !f.has("Offers") {
		return errors.New("the content is free: fetch it")
	}
	best, err := f.get("Offers").LookupByIndex(0)
	if err != nil {
		return err
	}
	offer := fields{node: best}
	terms, payee := offer.get("Terms"), offer.get("Payee")
	if offer.err != nil {
		return offer.err
	}
	if o.terms, err = termsOf(terms); err != nil {
		return err
	}
	o.most = o.terms.due(f.number("Size")) // without one, nothing but the fee is paid unless --max-total is given
	o.payee, o.purse.chain, o.purse.contract, err = payeeOf(payee)
	return err
}

// open binds a deal to the channel's lane.
func (o *order) open(deal int64, client, provider peer.ID, best *payment) datatransfer.TypedVoucher {
	terms := o.terms.node()
	offer := dagMap(member{"Payee", o.payee}, member{"Root", o.root}, member{"Selector", o.selector},
		member{"Terms", terms})
	members := []member{{"ID", deal}, {"Terms", terms}, {"Payee", o.payee}, {"Channel", o.channel}, {"Lane", o.lane}}
	if best != nil {
		members = append(members, member{"Best", o.purse.node(*best)})
	}
	signature := o.purse.sign(openType, o.channel, o.lane, deal, keccak([]byte(client)), keccak([]byte(provider)),
		keccak(dagBytes(offer)))
	return datatransfer.TypedVoucher{Voucher: dagMap(append(members, member{"Signature", signature})...), Type: openName}
}

func (o *order) proposal(deal int64) datatransfer.TypedVoucher {
	proposal := retrieval.DealProposal{
		PayloadCID: o.root,
		ID:         retrieval.DealID(deal),
		Params: retrieval.Params{
			Selector:                retrieval.CborGenCompatibleNode{Node: o.selector},
			PricePerByte:            gostate.NewFromGo(o.terms.perByte()),
			PaymentInterval:         uint64(o.terms.interval),
			PaymentIntervalIncrease: uint64(o.terms.increase),
			UnsealPrice:             gostate.NewFromGo(o.terms.fee),
		},
	}
	return proposal.AsVoucher()
}

// buyInto makes a deal, or a second one where the provider has to remind us of the lane's best voucher first.
func (o *order) buyInto(ctx context.Context, h host.Host, provider peer.ID, result *bought) error {
	file, err := createCar(result.Out, o.root, false)
	if err != nil {
		return err
	}
	defer file.Close()
	transfers, err := newTransfers(ctx, h, cidlink.DefaultLinkSystem())
	if err != nil {
		return err
	}
	for _, name := range []datatransfer.TypeIdentifier{retrieval.DealProposalType, openName, paymentName} {
		if err := transfers.RegisterVoucherType(name, nil); err != nil {
			return err
		}
	}
	var best *payment
	for range 2 {
		sale := &sale{order: o, result: result, file: file, transfers: transfers, best: best,
			wake: make(chan struct{}, 1), client: h.ID(), provider: provider}
		err = sale.run(ctx)
		var behind laneBehind
		if !errors.As(err, &behind) {
			break
		}
		best = &behind.best
	}
	if err != nil {
		return err
	}
	if err := file.finish(o.root); err != nil {
		return err
	}
	has, err := file.has(o.root)
	if err == nil && !has {
		err = errors.New("the deal completed without its root")
	}
	return err
}

// laneBehind says that the lane has paid more than we know of.
type laneBehind struct{ best payment }

func (l laneBehind) Error() string { return "the lane stands at " + l.best.amount.String() }

// sale is one deal while it is under way.
type sale struct {
	order            *order
	result           *bought
	file             *carFile
	transfers        datatransfer.Manager
	best             *payment
	client, provider peer.ID

	wake chan struct{}
	lock sync.Mutex
	seen progress
	read int // voucher results
}

// progress is what is known of a sale at one moment.
type progress struct {
	accepted, all, over bool
	arrived             int64 // bytes of blocks that came over the wire, verified and stored
	asked               bool  // whether the provider has asked for money: so it has taken the opening
	wanted              int64 // up to where it wants to be paid
	status              string
	failure             error
}

// isDue tells whether a voucher has to go out now, when so much is paid for.
func (o *order) isDue(p progress, paid *big.Int) bool {
	upTo := o.terms.paidBytes(paid)
	switch {
	case o.terms.fee.Cmp(paid) > 0:
		return p.asked
	case p.wanted > upTo && p.arrived >= p.wanted:
		return true
	}
	return !o.onDemand && p.arrived-upTo >= o.terms.window(upTo)/2
}

func (s *sale) run(ctx context.Context) error {
	deal := time.Now().UnixNano()
	s.result.Deal = deal
	base, nonce := new(big.Int), int64(0)
	if s.best != nil {
		base, nonce = s.best.amount, s.best.nonce
	}
	channel, err := s.transfers.OpenPullDataChannel(ctx, s.provider, s.order.proposal(deal), s.order.root,
		s.order.selector, datatransfer.WithSubscriber(s.follow),
		datatransfer.WithTransportOptions(dtgraphsync.UseStore(storeutil.LinkSystemForBlockstore(s.file.blocks))))
	if err != nil {
		return err
	}
	opened, closed, paid := false, false, new(big.Int)
	pay := func(upTo int64, last bool) error {
		if err := s.file.file.Sync(); err != nil { // what is paid for is durable
			return err
		}
		due := s.order.terms.due(upTo)
		if due.Cmp(s.order.most) > 0 {
			return fmt.Errorf("%s would be paid, %s is the most", due, s.order.most)
		}
		total := new(big.Int).Add(base, due)
		if due.Cmp(paid) > 0 {
			nonce++
			s.result.Vouchers++
		} // else the last one goes out once more
		voucher := s.order.purse.pay(deal, s.order.channel, s.order.lane, nonce, total, upTo, last)
		paid = due
		s.result.Paid, s.result.LaneTotal, s.result.Nonce = due, total, nonce
		return s.transfers.SendVoucher(ctx, channel,
			datatransfer.TypedVoucher{Voucher: s.order.purse.node(voucher), Type: paymentName})
	}
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.lock.Lock()
		now := s.seen
		s.lock.Unlock()
		s.result.Bytes, s.result.Status = now.arrived, now.status
		if now.failure != nil {
			return now.failure
		}
		if now.accepted && !opened {
			opened = true
			if err := s.transfers.SendVoucher(ctx, channel, s.order.open(deal, s.client, s.provider, s.best)); err != nil {
				return err
			}
		}
		var err error
		switch {
		case now.all && !closed:
			closed = true
			err = pay(now.arrived, true)
		case opened && !closed && s.order.isDue(now, paid):
			err = pay(now.arrived, false)
		}
		if err != nil && !s.isOver() { // a voucher may be on its way when nothing is due any more
			return err
		}
		if now.over {
			return nil
		}
	}
}

// isOver tells whether all is done, and has the sale looked at once more if so.
func (s *sale) isOver() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.seen.over {
		s.rouse()
	}
	return s.seen.over
}

func (s *sale) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// follow takes what happened and leaves it to run: it must not block.
func (s *sale) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.seen.status = datatransfer.Statuses[channel.Status()]
	s.seen.arrived = max(s.seen.arrived, int64(channel.Received()))
	results := channel.VoucherResults()
	for ; s.read < len(results); s.read++ {
		s.hear(results[s.read])
	}
	switch event.Code {
	case datatransfer.Accept:
		s.seen.accepted = true
	case datatransfer.FinishTransfer:
		s.seen.all = true
	case datatransfer.ReceiveDataError, datatransfer.Disconnected:
		s.fail(fmt.Errorf("connection lost: %s", event.Message))
	case datatransfer.Error:
		s.fail(errors.New(event.Message))
	case datatransfer.CleanupComplete:
		s.seen.over = channel.Status() == datatransfer.Completed
		if !s.seen.over {
			s.fail(fmt.Errorf("transfer ended %s: %s", s.seen.status, channel.Message()))
		}
	}
	s.rouse()
}

// fail keeps the first reason only.
func (s *sale) fail(reason error) {
	if s.seen.failure == nil {
		s.seen.failure = reason
	}
}

func (s *sale) hear(voucher datatransfer.TypedVoucher) {
	if voucher.Type != resultName {
		if response, err := retrieval.DealResponseFromNode(voucher.Voucher); err == nil {
			s.result.Results[statusName(response.Status)]++
		}
		return // what the classic words say, ours say better
	}
	f := fields{node: voucher.Voucher}
	code := f.text("Code")
	s.result.Results[code]++
	switch code {
	case "FUNDS_NEEDED", "LAST_PAYMENT":
		s.seen.asked, s.seen.wanted = true, max(s.seen.wanted, f.number("Bytes"))
	case "COMPLETED":
	case "LANE_BEHIND":
		best, err := s.order.purse.paymentOf(f.get("Best"))
		if err == nil && s.best == nil {
			s.fail(laneBehind{best})
			return
		}
		s.fail(errors.Join(err, errors.New("the lane is behind")))
	default:
		message := ""
		if f.has("Message") {
			message = f.text("Message")
		}
		s.fail(fmt.Errorf("%s: %s", code, message))
	}
	if f.err != nil {
		s.fail(f.err)
	}
}
