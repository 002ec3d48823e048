package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	retrieval "github.com/filecoin-project/go-retrieval-types"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
)

// answered is what query says.
type answered struct {
	CID                 string `json:"cid"`
	Status              string `json:"status"`
	Size                uint64 `json:"size"`
	PaymentAddress      string `json:"paymentAddress"`
	PricePerByte        string `json:"pricePerByte"`
	UnsealPrice         string `json:"unsealPrice"`
	MaxInterval         uint64 `json:"maxInterval"`
	MaxIntervalIncrease uint64 `json:"maxIntervalIncrease"`
	Message             string `json:"message"`
}

func query(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("query", flag.ContinueOnError)
	from := flags.String("provider", "", "`address` of the provider, with its peer id")
	what := flags.String("cid", "", "root `CID`")
	security := flags.String("security", "any", "tls, noise or any")
	if err := parse(flags, args, "provider", "cid"); err != nil {
		return err
	}
	root, err := cid.Parse(*what)
	if err != nil {
		return usageError(fmt.Sprintf("--cid %s: %s", *what, err))
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
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
	stream, err := host.NewStream(ctx, provider, queryProtocol)
	if err != nil {
		return err
	}
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(queryTimeout))
	question := retrieval.NewQueryV1(root, nil)
	if err := question.MarshalCBOR(stream); err != nil {
		return err
	}
	var answer retrieval.QueryResponse
	if err := answer.UnmarshalCBOR(stream); err != nil {
		return err
	}
	say(answered{
		CID:                 root.String(),
		Status:              [...]string{"available", "unavailable", "error"}[min(answer.Status, 2)],
		Size:                answer.Size,
		PaymentAddress:      answer.PaymentAddress.String(),
		PricePerByte:        answer.MinPricePerByte.String(),
		UnsealPrice:         answer.UnsealPrice.String(),
		MaxInterval:         answer.MaxPaymentInterval,
		MaxIntervalIncrease: answer.MaxPaymentIntervalIncrease,
		Message:             answer.Message,
	})
	return nil
}
