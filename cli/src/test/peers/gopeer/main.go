// Gopeer is the Go implementation that Sluice is tested and measured against: go-data-transfer over
// go-graphsync, used as it is published.
//
// Each command prints one JSON object a line on stdout, except for the first lines of provide, which
// are those of every Sluice peer: "listening MULTIADDR" and "ready".
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

const (
	exitFailed = 1
	exitUsage  = 2
)

const usage = `usage: gopeer COMMAND [OPTIONS]

  provide   serve the blocks of a CAR file for nothing
  fetch     fetch a DAG for nothing
  buy       buy a DAG from a Sluice provider, on a payment channel
  push      send a DAG to a receiver
  receive   take one DAG that is pushed
  query     ask a provider for its terms
  id        say which peer --identity N is
  gen       make a file of pseudo-random bytes and import it
  import    import a file or a folder
  inspect   check a CAR file and count what is in it
  repack    write the blocks of a CAR file into another, of any kind
  look-up   find the blocks of a CAR file by its index
  lose      copy a CAR file without one of its blocks
  relay     be a long wire to a peer
  selectors walk a file of selectors
  square    feed each event to a channel in each status

gopeer COMMAND -h lists the options.
`

type command func(ctx context.Context, args []string) error

var commands = map[string]command{
	"provide":   provide,
	"fetch":     fetch,
	"buy":       buy,
	"push":      push,
	"receive":   receive,
	"query":     query,
	"id":        identify,
	"gen":       generate,
	"import":    importPath,
	"inspect":   inspect,
	"repack":    repack,
	"look-up":   lookUp,
	"lose":      lose,
	"relay":     relay,
	"selectors": walkSelectors,
	"square":    square,
}

// errReported is returned by a command that has already said what failed.
var errReported = errors.New("reported")

// usageError is a command line that cannot be carried out.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() {
	run, known := commands[firstArgument()]
	if !known {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[2:])
	stop()

	var wrong usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, &wrong):
		fmt.Fprintf(os.Stderr, "gopeer %s: %s\n", os.Args[1], wrong)
		os.Exit(exitUsage)
	case errors.Is(err, errReported):
		os.Exit(exitFailed)
	default:
		fmt.Fprintf(os.Stderr, "gopeer %s: %s\n", os.Args[1], err)
		os.Exit(exitFailed)
	}
}

func firstArgument() string {
	if len(os.Args) < 2 {
		return ""
	}
	return os.Args[1]
}

// parse reads the options of a command; those named must be given.
func parse(flags *flag.FlagSet, args []string, needed ...string) error {
	flags.Init(flags.Name(), flag.ContinueOnError)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError(err.Error())
	}
	if flags.NArg() > 0 {
		return usageError("unexpected argument " + flags.Arg(0))
	}
	for _, name := range needed {
		if flags.Lookup(name).Value.String() == "" {
			return usageError("--" + name + " is needed")
		}
	}
	return nil
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
