package main

import (
	"fmt"
	"math/big"

	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/ipld/go-ipld-prime/fluent/qp"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
)

// Sluice's own messages, as docs/reference/wire-additions.md has them.

const (
	askProtocol = "/sluice/ask/1.0.0"
	openName    = "SluiceDealOpen/1"
	paymentName = "SluiceDealPayment/1"
	resultName  = "SluiceDealResult/1"
)

const mib = 1 << 20

// terms are what a deal costs, and how far data may run ahead of payment.
type terms struct {
	price, fee                        *big.Int
	interval, increase, longest, good int64
}

// due is what so many bytes cost in all.
func (t terms) due(bytes int64) *big.Int {
	scaled := new(big.Int).Mul(t.price, big.NewInt(bytes))
	scaled.Add(scaled, big.NewInt(mib-1)).Rsh(scaled, 20)
	return scaled.Add(scaled, t.fee)
}

// paidBytes is how many bytes an amount pays for.
func (t terms) paidBytes(amount *big.Int) int64 {
	rest := new(big.Int).Sub(amount, t.fee)
	if rest.Sign() < 0 {
		return 0
	}
	rest.Lsh(rest, 20)
	return rest.Div(rest, t.price).Int64()
}

// window is the size of the interval that a position lies in.
func (t terms) window(position int64) int64 {
	size := t.interval
	for begin := int64(0); begin+size <= position && size < t.longest; {
		begin += size
		size = min(size+t.increase, t.longest)
		if t.increase == 0 {
			break
		}
	}
	return size
}

func (t terms) perByte() *big.Int {
	price := new(big.Int).Add(t.price, big.NewInt(mib-1))
	return price.Rsh(price, 20)
}

func (t terms) node() datamodel.Node {
	return dagMap(member{"PricePerMiB", t.price}, member{"Fee", t.fee}, member{"Interval", t.interval},
		member{"IntervalIncrease", t.increase}, member{"IntervalMax", t.longest}, member{"ValidSeconds", t.good})
}

func termsOf(node datamodel.Node) (terms, error) {
	f := fields{node: node}
	t := terms{f.amount("PricePerMiB"), f.amount("Fee"), f.number("Interval"), f.number("IntervalIncrease"),
		f.number("IntervalMax"), f.number("ValidSeconds")}
	if f.err == nil && (t.price.Sign() == 0 || t.interval < 1 || t.increase < 0 || t.longest < t.interval) {
		f.err = fmt.Errorf("terms out of range: %+v", t)
	}
	return t, f.err
}

// payeeOf copies the fields that the page names: what it does not name is not signed for.
func payeeOf(node datamodel.Node) (payee datamodel.Node, chain int64, contract []byte, err error) {
	f := fields{node: node}
	chain, contract = f.number("ChainID"), f.bytes("Contract", 20)
	members := []member{{"ChainID", chain}, {"Contract", contract}, {"Token", f.bytes("Token", 20)},
		{"Address", f.bytes("Address", 20)}, {"MinChallenge", f.number("MinChallenge")},
		{"MinDeposit", f.amount("MinDeposit")}, {"Confirmations", f.number("Confirmations")}}
	if f.has("Symbol") {
		members = append(members, member{"Symbol", f.text("Symbol")})
	}
	if f.has("Decimals") {
		members = append(members, member{"Decimals", f.number("Decimals")})
	}
	return dagMap(members...), chain, contract, f.err
}

// payment is one voucher, and what it is for.
type payment struct {
	deal, lane, nonce int64
	channel           []byte
	amount            *big.Int
	bytes             int64
	last              bool
	signature         []byte
}

func (p purse) pay(deal int64, channel []byte, lane, nonce int64, amount *big.Int, bytes int64, last bool) payment {
	return payment{deal, lane, nonce, channel, amount, bytes, last, p.sign(voucherType, channel, lane, nonce, amount)}
}

func (p purse) node(of payment) datamodel.Node {
	return dagMap(member{"ID", of.deal}, member{"ChainID", p.chain}, member{"Contract", p.contract},
		member{"Channel", of.channel}, member{"Lane", of.lane}, member{"Nonce", of.nonce}, member{"Amount", of.amount},
		member{"Bytes", of.bytes}, member{"Final", of.last}, member{"Signature", of.signature})
}

// paymentOf reads a voucher of our own that somebody else kept for us.
func (p purse) paymentOf(node datamodel.Node) (payment, error) {
	f := fields{node: node}
	of := payment{f.number("ID"), f.number("Lane"), f.number("Nonce"), f.bytes("Channel", 32), f.amount("Amount"),
		f.number("Bytes"), f.flag("Final"), f.bytes("Signature", 65)}
	if f.err == nil && !p.signed(of.signature, voucherType, of.channel, of.lane, of.nonce, of.amount) {
		f.err = fmt.Errorf("a voucher over %s that was not signed here", of.amount)
	}
	return of, f.err
}

// dag-cbor maps, out

type member struct {
	key   string
	value any
}

func dagMap(members ...member) datamodel.Node {
	node, err := qp.BuildMap(basicnode.Prototype.Map, int64(len(members)), func(into datamodel.MapAssembler) {
		for _, m := range members {
			qp.MapEntry(into, m.key, dagValue(m.value))
		}
	})
	if err != nil {
		panic(err)
	}
	return node
}

func dagValue(value any) qp.Assemble {
	switch value := value.(type) {
	case int64:
		return qp.Int(value)
	case *big.Int:
		return qp.Bytes(value.Bytes())
	case []byte:
		return qp.Bytes(value)
	case string:
		return qp.String(value)
	case bool:
		return qp.Bool(value)
	case cid.Cid:
		return qp.Link(cidlink.Link{Cid: value})
	case datamodel.Node:
		return qp.Node(value)
	}
	panic(fmt.Sprintf("not in a message: %T", value))
}

func dagBytes(node datamodel.Node) []byte {
	bytes, err := ipld.Encode(node, dagcbor.Encode)
	if err != nil {
		panic(err)
	}
	return bytes
}

// and in: fields keeps the first error, and then gives zeros.
type fields struct {
	node datamodel.Node
	err  error
}

func (f *fields) has(key string) bool {
	found, err := f.node.LookupByString(key)
	return err == nil && found != nil
}

func (f *fields) get(key string) datamodel.Node {
	if f.err != nil {
		return nil
	}
	found, err := f.node.LookupByString(key)
	if err != nil {
		f.err = err
		return nil
	}
	return found
}

func (f *fields) number(key string) int64 {
	if node := f.get(key); node != nil {
		value, err := node.AsInt()
		f.fail(key, err)
		return value
	}
	return 0
}

func (f *fields) text(key string) string {
	if node := f.get(key); node != nil {
		value, err := node.AsString()
		f.fail(key, err)
		return value
	}
	return ""
}

func (f *fields) flag(key string) bool {
	if node := f.get(key); node != nil {
		value, err := node.AsBool()
		f.fail(key, err)
		return value
	}
	return false
}

func (f *fields) bytes(key string, length int) []byte {
	if node := f.get(key); node != nil {
		value, err := node.AsBytes()
		if err == nil && length >= 0 && len(value) != length {
			err = fmt.Errorf("%d bytes, not %d", len(value), length)
		}
		f.fail(key, err)
		return value
	}
	return nil
}

func (f *fields) amount(key string) *big.Int {
	return new(big.Int).SetBytes(f.bytes(key, -1))
}

func (f *fields) fail(key string, err error) {
	if err != nil {
		f.err = fmt.Errorf("%s: %w", key, err)
	}
}
