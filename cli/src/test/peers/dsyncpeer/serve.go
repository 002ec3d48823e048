package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/libp2p/go-libp2p-core/host"
	"github.com/qri-io/dag"
	"github.com/qri-io/dag/dsync"
)

// serve answers until it is told to end, and says what each hook was called with.
func serve(ctx context.Context, o *options) error {
	held, err := openStore(o.cars)
	if err != nil {
		return err
	}
	var own host.Host
	if o.libp2p {
		if own, err = o.host(ctx, "/ip4/127.0.0.1/tcp/0"); err != nil {
			return err
		}
	}
	remote, err := dsync.New(held, blockAPI{store: held}, func(c *dsync.Config) {
		c.Libp2pHost = own
		c.AllowRemoves, c.RequireAllBlocks = o.allowRemove, o.requireAll
		if o.pin {
			c.PinAPI = pinAPI{store: held}
		}
		if o.allowPush {
			c.PushPreCheck = func(ctx context.Context, info dag.Info, meta map[string]string) error {
				held.learn(info.Manifest)
				return o.hook("pre-check", held)(ctx, info, meta)
			}
		}
		c.PushFinalCheck = o.hook("final-check", held)
		complete := o.hook("complete", held)
		c.PushComplete = func(ctx context.Context, info dag.Info, meta map[string]string) error {
			if o.out != "" {
				if err := held.writeCar(o.out, info.Manifest); err != nil {
					return err
				}
			}
			return complete(ctx, info, meta)
		}
		c.GetDagInfoCheck = o.hook("info", held)
		c.OpenBlockStreamCheck = o.hook("stream", held)
		c.RemoveCheck = o.hook("remove", held)
	})
	if err != nil {
		return err
	}
	if o.libp2p {
		if err := remote.StartRemote(ctx); err != nil {
			return err
		}
		fmt.Printf("listening %s/p2p/%s\nready\n", own.Addrs()[0], own.ID().Pretty())
		<-ctx.Done()
		return own.Close()
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	answers := http.NewServeMux()
	answers.HandleFunc("/dsync", func(w http.ResponseWriter, r *http.Request) {
		if o.old {
			w = oldWriter{w}
		}
		dsync.HTTPRemoteHandler(remote)(w, r)
	})
	server := &http.Server{Handler: answers}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Printf("listening http://%s/dsync\nready\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// hook makes one that says what it was called with, and no if it was told to.
func (o *options) hook(name string, held *store) dsync.Hook {
	return func(_ context.Context, info dag.Info, meta map[string]string) error {
		blocks, bytes := held.counted()
		held.lock.Lock()
		pinned := held.pins["/ipfs/"+info.Manifest.Nodes[0]]
		held.lock.Unlock()
		say(map[string]any{
			"event": name, "cid": info.Manifest.Nodes[0], "nodes": len(info.Manifest.Nodes), "meta": meta,
			"received": blocks, "bytes": bytes, "pinned": pinned,
		})
		if o.refuse.has(name) {
			return fmt.Errorf("%s says no", name)
		}
		return nil
	}
}

// oldWriter leaves out the header that came with version 0.2.
type oldWriter struct{ http.ResponseWriter }

func (w oldWriter) WriteHeader(status int) {
	w.Header().Del("dsync-version")
	w.ResponseWriter.WriteHeader(status)
}

func (w oldWriter) Write(data []byte) (int, error) {
	w.Header().Del("dsync-version")
	return w.ResponseWriter.Write(data)
}
