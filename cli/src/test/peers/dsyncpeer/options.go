package main

import (
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// options of all commands; each uses some.
type options struct {
	cars, meta, refuse                  words
	listen, cid, url, out, token, name  string
	timeout                             time.Duration
	pin, blocks, allowPush, allowRemove bool
	requireAll, old, libp2p             bool
}

var (
	needed = map[string][]string{
		"push": {"car", "cid", "to"}, "pull": {"cid", "from", "out"},
		"info": {"cid", "from"}, "block": {"cid", "from"}, "remove": {"cid", "at"},
	}
	address = map[string]string{"push": "to", "pull": "from", "info": "from", "block": "from", "remove": "at"}
)

func readOptions(command string, args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "`time` after which to give up")
	flags.Var(&o.cars, "car", "CAR `file` with the blocks that are here; may be repeated")
	flags.StringVar(&o.out, "out", "", "CAR `file` to write, version 1")
	flags.StringVar(&o.name, "name", "dsyncpeer", "`name` that the peer id is made of, over libp2p")
	if name, asks := address[command]; asks {
		flags.StringVar(&o.url, name, "", "`URL` or multiaddr of the other end")
		flags.StringVar(&o.cid, "cid", "", "`CID`")
		flags.Var(&o.meta, "meta", "`KEY=VALUE` to hand over; may be repeated")
		flags.StringVar(&o.token, "token", "", "bearer `token` to send")
		flags.BoolVar(&o.pin, "pin", false, "push: ask to pin")
		flags.BoolVar(&o.blocks, "blocks", false, "take the other end for one that knows no CAR streams")
	} else {
		flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "`address` to listen at")
		flags.BoolVar(&o.libp2p, "libp2p", false, "answer over libp2p, and not over HTTP")
		flags.BoolVar(&o.allowPush, "allow-push", false, "take what is pushed")
		flags.BoolVar(&o.pin, "pin", false, "be able to pin")
		flags.BoolVar(&o.allowRemove, "allow-remove", false, "do as asked to remove")
		flags.BoolVar(&o.requireAll, "require-all", false, "ask for blocks also that are here")
		flags.BoolVar(&o.old, "old", false, "answer as before version 0.2: without a version, block by block")
		flags.Var(&o.refuse, "refuse", "`HOOK` that says no: pre-check, final-check, complete, info, stream, remove; may be repeated")
	}
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for _, name := range needed[command] {
		if flags.Lookup(name).Value.String() == "" {
			return nil, fmt.Errorf("--%s is needed", name)
		}
	}
	if o.token != "" {
		http.DefaultTransport = bearer{o.token, http.DefaultTransport}
	}
	return o, nil
}

// bearer adds to each request what the library has no option for.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(request)
}

// words are the values of an option that may be repeated.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(word string) error {
	*w = append(*w, word)
	return nil
}

func (w words) has(word string) bool {
	for _, each := range w {
		if each == word {
			return true
		}
	}
	return false
}

func (w words) pairs() map[string]string {
	pairs := map[string]string{}
	for _, each := range w {
		key, value, _ := strings.Cut(each, "=")
		pairs[key] = value
	}
	return pairs
}
