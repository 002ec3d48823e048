package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"time"

	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// relay is a long wire on a short machine: it hands on what comes, each byte later by the delay, and as fast as it came.
// What it takes to open a connection is not delayed.
func relay(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("relay", flag.ContinueOnError)
	to := flags.String("to", "", "`address` of who is at the other end, with its peer id")
	delay := flags.Duration("delay", 40*time.Millisecond, "`time` that a byte takes, each way")
	if err := parse(flags, args, "to"); err != nil {
		return err
	}
	target, err := multiaddr.NewMultiaddr(*to)
	if err != nil {
		return usageError(fmt.Sprintf("--to %s: %s", *to, err))
	}
	transport, peer := multiaddr.SplitLast(target)
	network, far, err := manet.DialArgs(transport)
	if err != nil {
		return usageError(fmt.Sprintf("--to %s: %s", *to, err))
	}
	listener, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	here, err := manet.FromNetAddr(listener.Addr())
	if err != nil {
		return err
	}
	fmt.Printf("listening %s%s\n", here, peer)
	fmt.Println("ready")
	for {
		near, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			across, err := net.Dial(network, far)
			if err != nil {
				_ = near.Close()
				return
			}
			go carry(near, across, *delay)
			go carry(across, near, *delay)
		}()
	}
}

// parcel is bytes that are there when their time has come.
type parcel struct {
	bytes []byte
	due   time.Time
}

// parcelsOnTheWay bounds what one direction of a connection holds: 32 MiB, more than a peer's window.
const (
	parcelSize      = 64 << 10
	parcelsOnTheWay = 512
)

// carry is one direction of a connection, until either end closes it.
func carry(from, to net.Conn, delay time.Duration) {
	parcels := make(chan parcel, parcelsOnTheWay)
	go func() {
		defer close(parcels)
		for {
			buffer := make([]byte, parcelSize)
			read, err := from.Read(buffer)
			if read > 0 {
				parcels <- parcel{buffer[:read], time.Now().Add(delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range parcels {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
	}
	closeAll(from, to)
	for range parcels { // lets the reader end
	}
}
