package main

import (
	"flag"
	"fmt"
	"time"

	logging "github.com/ipfs/go-log/v2"
)

// options of all commands; each uses some.
type options struct {
	listen, security, graphsync string
	identity                    uint64
	timeout                     time.Duration
	other, cid, car, out        string
	voucher                     string
	most                        byteSize
	acts
	limits
}

var (
	needed = map[string][]string{
		"provide": {"car"}, "fetch": {"provider", "cid", "out"}, "push": {"to", "car", "cid"}, "receive": {"out"},
	}
	address = map[string]string{"fetch": "provider", "push": "to"}
)

func readOptions(command string, args []string) (*options, error) {
	o := &options{most: 1 << 40}
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "/ip4/127.0.0.1/tcp/0", "`address` to listen at")
	flags.StringVar(&o.security, "security", "any", "tls, noise or any")
	flags.StringVar(&o.graphsync, "graphsync", "any", "`version` of GraphSync to speak: 1.0.0, 2.0.0 or any")
	flags.Uint64Var(&o.identity, "identity", 0, "`number` that the key is derived from; 0 makes a new one")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "`time` after which to give up")
	level := flags.String("log", "fatal", "log `level` of the libraries")
	if name, dials := address[command]; dials {
		flags.StringVar(&o.other, name, "", "`address` of the other end, with its peer id")
		flags.StringVar(&o.cid, "cid", "", "root `CID`")
	}
	flags.StringVar(&o.car, "car", "", "CAR `file` to serve from, version 1 or 2")
	flags.StringVar(&o.out, "out", "", "CAR `file` to write, version 1")
	flags.StringVar(&o.voucher, "voucher-type", pushName, "`name` of the voucher of a push")
	flags.Var(&o.most, "max", "most `bytes` that a push may announce")
	o.acts.register(flags)
	o.limits.register(flags)
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for _, name := range needed[command] {
		if flags.Lookup(name).Value.String() == "" {
			return nil, fmt.Errorf("--%s is needed", name)
		}
	}
	parsed, err := logging.LevelFromString(*level)
	if err == nil {
		logging.SetAllLoggers(parsed)
	}
	return o, err
}
