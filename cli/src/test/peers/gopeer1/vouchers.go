package main

import (
	"io"

	datatransfer "github.com/filecoin-project/go-data-transfer"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/ipld/go-ipld-prime/fluent/qp"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	selectorparse "github.com/ipld/go-ipld-prime/traversal/selector/parse"
)

const pushName = "SluicePush/1"

// anything is a voucher as it came. This generation of go-data-transfer wants a type for each name.
type anything struct{ node datamodel.Node }

func (a *anything) MarshalCBOR(to io.Writer) error { return dagcbor.Encode(a.node, to) }

func (a *anything) UnmarshalCBOR(from io.Reader) error {
	builder := basicnode.Prototype.Any.NewBuilder()
	err := dagcbor.Decode(builder, from)
	if err == nil {
		a.node = builder.Build()
	}
	return err
}

func (a *anything) number(key string) int64 {
	if node, err := a.node.LookupByString(key); err == nil {
		value, _ := node.AsInt()
		return value
	}
	return 0
}

func (a *anything) text(key string) string {
	if node, err := a.node.LookupByString(key); err == nil {
		value, _ := node.AsString()
		return value
	}
	return ""
}

type (
	proposal   struct{ anything }
	response   struct{ anything }
	dealResult struct{ anything }
	pushOffer  struct{ anything }
	pushResult struct{ anything }
)

func (*proposal) Type() datatransfer.TypeIdentifier   { return "RetrievalDealProposal/1" }
func (*response) Type() datatransfer.TypeIdentifier   { return "RetrievalDealResponse/1" }
func (*dealResult) Type() datatransfer.TypeIdentifier { return "SluiceDealResult/1" }
func (*pushOffer) Type() datatransfer.TypeIdentifier  { return pushName }
func (*pushResult) Type() datatransfer.TypeIdentifier { return "SluicePushResult/1" }

// A response's numbers, of those that a provider for nothing needs.
const (
	accepted     = 6
	rejected     = 9
	fundsNeeded  = 10
	completed    = 15
	dealNotFound = 16
)

var everything = selectorparse.CommonSelector_ExploreAllRecursively

func newProposal(id int64, root cid.Cid) *proposal {
	return &proposal{anything{build(
		entry{"PayloadCID", qp.Link(cidlink.Link{Cid: root})},
		entry{"ID", qp.Int(id)},
		entry{"Params", qp.Node(build(
			entry{"Selector", qp.Node(everything)},
			entry{"PieceCID", qp.Null()},
			entry{"PricePerByte", qp.Bytes(nil)},
			entry{"PaymentInterval", qp.Int(0)},
			entry{"PaymentIntervalIncrease", qp.Int(0)},
			entry{"UnsealPrice", qp.Bytes(nil)}))})}}
}

func newResponse(status, id int64, message string) *response {
	return &response{anything{build(
		entry{"Status", qp.Int(status)},
		entry{"ID", qp.Int(id)},
		entry{"PaymentOwed", qp.Bytes(nil)},
		entry{"Message", qp.String(message)})}}
}

func newPushOffer(size int64) *pushOffer {
	return &pushOffer{anything{build(entry{"Size", qp.Int(size)})}}
}

func newPushResult(reason string) *pushResult {
	return &pushResult{anything{build(entry{"Reason", qp.String(reason)})}}
}

type entry struct {
	key   string
	value qp.Assemble
}

func build(entries ...entry) datamodel.Node {
	node, err := qp.BuildMap(basicnode.Prototype.Map, int64(len(entries)), func(into datamodel.MapAssembler) {
		for _, e := range entries {
			qp.MapEntry(into, e.key, e.value)
		}
	})
	if err != nil {
		panic(err)
	}
	return node
}
