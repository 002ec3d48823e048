package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/filecoin-project/go-address"
	datatransfer "github.com/filecoin-project/go-data-transfer/v2"
	retrieval "github.com/filecoin-project/go-retrieval-types"
	"github.com/filecoin-project/go-state-types/big"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-graphsync/storeutil"
	"github.com/ipld/go-car/v2/blockstore"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const queryTimeout = 10 * time.Second

// ended is what provide says about each transfer when it is over.
type ended struct {
	Event string `json:"event"`
	course
}

func provide(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("provide", flag.ContinueOnError)
	listen := flags.String("listen", "/ip4/127.0.0.1/tcp/0", "`address` to listen at")
	car := flags.String("car", "", "CAR `file` to serve from, version 1 or 2")
	security := flags.String("security", "any", "tls, noise or any")
	number := flags.Uint64("identity", 0, "`number` that the key is derived from; 0 makes a new one")
	finalize := flags.Bool("finalize", true, "end deals as go-fil-markets does, with a Completed response; "+
		"else as go-data-transfer alone does")
	level := flags.String("log", "error", "log `level` of the libraries")
	acts := actOptions(flags)
	if err := parse(flags, args, "car"); err != nil {
		return err
	}
	if err := logTo(*level); err != nil {
		return err
	}
	blocks, err := blockstore.OpenReadOnly(*car)
	if err != nil {
		return err
	}
	host, err := newHost(*security, libp2p.ListenAddrStrings(*listen), identity(*number))
	if err != nil {
		return err
	}
	defer closeAll(host, blocks)
	transfers, err := newTransfers(ctx, host, storeutil.LinkSystemForBlockstore(blocks))
	if err != nil {
		return err
	}
	seller := &provider{blocks: blocks, transfers: transfers, finalize: *finalize,
		actor: func() *actor { return newActor(acts, host, transfers) }, actors: map[datatransfer.ChannelID]*actor{}}
	if err := transfers.RegisterVoucherType(retrieval.DealProposalType, seller); err != nil {
		return err
	}
	transfers.SubscribeToEvents(seller.follow)
	size, err := os.Stat(*car)
	if err != nil {
		return err
	}
	host.SetStreamHandler(queryProtocol, func(stream network.Stream) { seller.answer(stream, size.Size()) })

	for _, address := range host.Addrs() {
		fmt.Printf("listening %s/p2p/%s\n", address, host.ID())
	}
	fmt.Println("ready")
	<-ctx.Done()
	return nil
}

// provider accepts every proposal for a block it has.
type provider struct {
	blocks    *blockstore.ReadOnly
	transfers datatransfer.Manager
	finalize  bool
	actor     func() *actor

	lock   sync.Mutex
	actors map[datatransfer.ChannelID]*actor
}

func (p *provider) ValidatePull(_ datatransfer.ChannelID, _ peer.ID, voucher datamodel.Node, base cid.Cid,
	_ datamodel.Node) (datatransfer.ValidationResult, error) {
	proposal, err := retrieval.DealProposalFromNode(voucher)
	if err != nil {
		return datatransfer.ValidationResult{}, err
	}
	response := retrieval.DealResponse{ID: proposal.ID, Status: retrieval.DealStatusAccepted}
	has, err := p.blocks.Has(context.Background(), base)
	switch {
	case err != nil:
		response.Status, response.Message = retrieval.DealStatusErrored, err.Error()
	case proposal.PayloadCID != base:
		response.Status, response.Message = retrieval.DealStatusRejected, "incorrect CID for this proposal"
	case !has:
		response.Status, response.Message = retrieval.DealStatusDealNotFound, "no such content"
	}
	return p.result(response, p.finalize), nil
}

func (p *provider) ValidatePush(datatransfer.ChannelID, peer.ID, datamodel.Node, cid.Cid,
	datamodel.Node) (datatransfer.ValidationResult, error) {
	return datatransfer.ValidationResult{}, nil
}

func (p *provider) ValidateRestart(_ datatransfer.ChannelID,
	channel datatransfer.ChannelState) (datatransfer.ValidationResult, error) {
	return datatransfer.ValidationResult{Accepted: true, RequiresFinalization: channel.RequiresFinalization()}, nil
}

func (p *provider) result(response retrieval.DealResponse, finalize bool) datatransfer.ValidationResult {
	voucher := response.AsVoucher()
	accepted := response.Status == retrieval.DealStatusAccepted || response.Status == retrieval.DealStatusCompleted
	return datatransfer.ValidationResult{
		Accepted:             accepted,
		VoucherResult:        &voucher,
		RequiresFinalization: accepted && finalize,
	}
}

// follow ends a deal whose blocks are all sent, and reports transfers that are over.
func (p *provider) follow(event datatransfer.Event, channel datatransfer.ChannelState) {
	p.lock.Lock()
	defer p.lock.Unlock()
	actor := p.actors[channel.ChannelID()]
	if actor == nil {
		actor = p.actor()
		p.actors[channel.ChannelID()] = actor
	}
	actor.follow(event, channel)
	switch event.Code {
	case datatransfer.BeginFinalizing:
		go p.complete(channel)
	case datatransfer.CleanupComplete:
		delete(p.actors, channel.ChannelID())
		say(ended{"ended", actor.told()})
	}
}

func (p *provider) complete(channel datatransfer.ChannelState) {
	proposal, err := retrieval.DealProposalFromNode(channel.Voucher().Voucher)
	if err == nil {
		completed := retrieval.DealResponse{ID: proposal.ID, Status: retrieval.DealStatusCompleted}
		err = p.transfers.UpdateValidationStatus(context.Background(), channel.ChannelID(), p.result(completed, false))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gopeer provide: completing %s: %s\n", channel.ChannelID(), err)
	}
}

// answer says that everything is free. As Filecoin providers do, it names the size of the whole CAR,
// not that of the DAG asked for.
func (p *provider) answer(stream network.Stream, size int64) {
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(queryTimeout))
	payee, err := address.NewIDAddress(1000)
	var asked retrieval.Query
	if err == nil {
		err = asked.UnmarshalCBOR(stream)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gopeer provide: query: %s\n", err)
		_ = stream.Reset()
		return
	}
	answer := retrieval.QueryResponse{
		Status:                     retrieval.QueryResponseAvailable,
		PieceCIDFound:              retrieval.QueryItemAvailable,
		Size:                       uint64(size),
		PaymentAddress:             payee,
		MinPricePerByte:            big.Zero(),
		MaxPaymentInterval:         1 << 20,
		MaxPaymentIntervalIncrease: 1 << 20,
		UnsealPrice:                big.Zero(),
	}
	if has, err := p.blocks.Has(context.Background(), asked.PayloadCID); err != nil || !has {
		answer.Status = retrieval.QueryResponseUnavailable
		answer.PieceCIDFound = retrieval.QueryItemUnavailable
		answer.Message = "no such content"
		answer.Size = 0
	}
	if err := answer.MarshalCBOR(stream); err != nil {
		fmt.Fprintf(os.Stderr, "gopeer provide: query: %s\n", err)
	}
}
