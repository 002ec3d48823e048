// Gopeer1 is what gopeer is, of three years before: go-data-transfer 1.15.2 over go-graphsync 0.13.2, which speaks
// GraphSync 1.0.0 and 2.0.0. It has gopeer's commands that transfer something, in its words.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

const usage = `usage: gopeer1 COMMAND [OPTIONS]

  provide   serve the blocks of a CAR file for nothing
  fetch     fetch a DAG for nothing
  push      send a DAG to a receiver
  receive   take one DAG that is pushed
  square    feed each event to a channel in each status

gopeer1 COMMAND -h lists the options.
`

var commands = map[string]func(context.Context, *options) error{
	"provide": provide,
	"fetch":   fetch,
	"push":    push,
	"receive": receive,
	"square":  square,
}

// errReported is returned by a command that has already said what failed.
var errReported = errors.New("reported")

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
		fmt.Fprintf(os.Stderr, "gopeer1 %s: %s\n", name, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, given.timeout)
	defer cancel()
	if err := run(ctx, given); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintf(os.Stderr, "gopeer1 %s: %s\n", name, err)
		}
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

// byteSize is an option such as 1000, 256KiB or 1G.
type byteSize int64

func (s *byteSize) String() string { return strconv.FormatInt(int64(*s), 10) }

func (s *byteSize) Set(text string) error {
	number := strings.TrimRight(text, "KMGiB")
	factor := map[string]int64{
		"": 1, "B": 1, "K": 1 << 10, "KiB": 1 << 10, "M": 1 << 20, "MiB": 1 << 20, "G": 1 << 30, "GiB": 1 << 30,
	}[text[len(number):]]
	value, err := strconv.ParseInt(number, 10, 64)
	if err != nil || factor == 0 || value < 0 {
		return fmt.Errorf("%q is no size", text)
	}
	*s = byteSize(value * factor)
	return nil
}
