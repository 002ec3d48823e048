// beepeer1 is one end of pullsync as bee has it: bee's own syncer over streams of go-libp2p with bee's names and headers,
// with chunks in memory. Bee's handshake is left out: every peer counts as a neighbour.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `usage: beepeer1 COMMAND [OPTION]…

  serve    make chunks and give them to whoever asks
  pull     ask a peer for what it has, until that many chunks are here
  batch    say which batch the stamps are of
  id       say which peer --identity N is
`

// options of all commands; each uses some.
type options struct {
	count, later, foreign, bin, want int
	after, timeout                   time.Duration
	identity                         uint64
	listen, from                     string
}

func main() {
	commands := map[string]func(context.Context, *options) error{"serve": serve, "pull": pull, "batch": batch, "id": id}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	o := &options{}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.IntVar(&o.count, "count", 0, "serve: so many chunks")
	flags.IntVar(&o.later, "later", 0, "serve: so many more, later")
	flags.DurationVar(&o.after, "after", 3*time.Second, "serve: `time` after which they come")
	flags.IntVar(&o.foreign, "foreign", 0, "serve: the first so many are stamped by somebody else")
	flags.IntVar(&o.bin, "bin", -1, "serve: chunks of this bin only")
	flags.IntVar(&o.want, "want", 0, "pull: until so many chunks are here")
	flags.StringVar(&o.from, "from", "", "pull: `address` of the peer, with its id")
	flags.StringVar(&o.listen, "listen", "/ip4/127.0.0.1/tcp/0", "serve: `address`")
	flags.Uint64Var(&o.identity, "identity", 0, "`number` that the key is derived from; 0 makes a new one")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "`time` after which to give up")
	_ = flags.Parse(os.Args[2:])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	if err := commands[os.Args[1]](ctx, o); err != nil {
		say(map[string]any{"ok": false, "error": err.Error()})
		os.Exit(1)
	}
}

// say prints one JSON object on a line of its own.
func say(what any) {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(what); err != nil {
		panic(err)
	}
}

func batch(context.Context, *options) error {
	say(map[string]any{"ok": true, "batch": fmt.Sprintf("%x:0x%x:%d", batchID, owner.account, depth), "overlay": overlay.String()})
	return nil
}

func id(_ context.Context, o *options) error {
	host, err := newHost(o, "")
	if err != nil {
		return err
	}
	defer host.Close()
	say(map[string]any{"ok": true, "peer": host.ID().String()})
	return nil
}

func serve(ctx context.Context, o *options) error {
	held := newReserve()
	made, err := makeChunks(o.bin, o.count+o.later, o.foreign)
	if err != nil {
		return err
	}
	for _, chunk := range made[:o.count] {
		held.add(chunk)
	}
	host, err := newHost(o, o.listen)
	if err != nil {
		return err
	}
	defer host.Close()
	answer(host, newSyncer(host, "", held))
	fmt.Printf("listening %s/p2p/%s\nready\n", host.Addrs()[0], host.ID())
	say(map[string]any{"chunks": len(made), "digest": digest(made[o.foreign:])})
	select {
	case <-time.After(o.after):
		for _, chunk := range made[o.count:] {
			held.add(chunk)
		}
		<-ctx.Done()
	case <-ctx.Done():
	}
	return nil
}

func pull(ctx context.Context, o *options) error {
	held := newReserve()
	host, err := newHost(o, "")
	if err != nil {
		return err
	}
	defer host.Close()
	syncer := newSyncer(host, o.from, held)
	done := map[int]uint64{}
	pages := 0
	for {
		cursors, err := ask(ctx, syncer)
		if err != nil {
			return err
		}
		for bin, cursor := range cursors {
			for done[bin] < cursor {
				topmost, err := page(ctx, syncer, bin, done[bin]+1, cursor)
				if err != nil {
					return err
				}
				done[bin] = topmost
				pages++
			}
		}
		all := held.all()
		if len(all) >= o.want {
			say(map[string]any{"ok": true, "chunks": len(all), "pages": pages, "digest": digest(all)})
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d chunks are here: %w", len(all), ctx.Err())
		}
	}
}
