// Dsyncpeer speaks dsync as github.com/qri-io/dag v0.2.2 does, unchanged, over HTTP and libp2p: it serves blocks, takes pushes, and
// pushes, pulls, asks and removes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: dsyncpeer COMMAND [OPTIONS]

  serve    answer at a URL, or over libp2p
  push     send a DAG
  pull     fetch a DAG
  info     ask for the manifest of a DAG
  block    ask for a block
  remove   ask to unpin a DAG
  id       say which peer this is

dsyncpeer COMMAND -h lists the options.
`

var commands = map[string]func(context.Context, *options) error{
	"serve":  serve,
	"push":   push,
	"pull":   pull,
	"info":   info,
	"block":  block,
	"remove": remove,
	"id":     id,
}

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	run, known := commands[name]
	if !known {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	given, err := readOptions(name, os.Args[2:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "dsyncpeer %s: %s\n", name, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, given.timeout)
	defer cancel()
	if err := run(ctx, given); err != nil {
		say(map[string]any{"ok": false, "error": err.Error()})
		fmt.Fprintf(os.Stderr, "dsyncpeer %s: %s\n", name, err)
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
