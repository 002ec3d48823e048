package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	unixfsio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	format "github.com/ipfs/go-ipld-format"
	"github.com/multiformats/go-multihash"
)

// imported is what gen and import say.
type imported struct {
	CID    string `json:"cid"`
	Size   int64  `json:"size"`
	Blocks int    `json:"blocks"`
	SHA256 string `json:"sha256,omitempty"`
	Out    string `json:"out"`
}

func generate(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	var size byteSize
	flags.Var(&size, "size", "`size` of the file")
	seed := flags.Uint64("seed", 1, "`number` that the bytes are derived from")
	file := flags.String("file", "", "also write the bytes to this `file`")
	layout, out, version1 := importOptions(flags)
	if err := parse(flags, args, "out"); err != nil {
		return err
	}
	hash := sha256.New()
	content := io.TeeReader(&random{state: *seed, left: int64(size)}, hash)
	if *file != "" {
		copied, err := os.Create(*file)
		if err != nil {
			return err
		}
		defer copied.Close()
		content = io.TeeReader(content, copied)
	}
	result, err := importInto(*out, *version1, layout, func(b *builder) (format.Node, error) {
		return b.content(content)
	})
	if err != nil {
		return err
	}
	result.SHA256 = hex.EncodeToString(hash.Sum(nil))
	say(result)
	return nil
}

func importPath(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	file := flags.String("file", "", "`file` to import")
	dir := flags.String("dir", "", "`folder` to import, with all that is in it")
	layout, out, version1 := importOptions(flags)
	if err := parse(flags, args, "out"); err != nil {
		return err
	}
	if (*file == "") == (*dir == "") {
		return usageError("one of --file and --dir is needed")
	}
	result, err := importInto(*out, *version1, layout, func(b *builder) (format.Node, error) {
		return b.add(*file + *dir)
	})
	if err != nil {
		return err
	}
	say(result)
	return nil
}

func importOptions(flags *flag.FlagSet) (layout *layout, out *string, version1 *bool) {
	layout = newLayout()
	flags.Var(&layout.chunk, "chunk", "chunk `size`")
	flags.IntVar(&layout.links, "links", layout.links, "most links in a node of a file")
	flags.BoolVar(&layout.version0, "cid-v0", false, "CID version 0 and no raw leaves")
	return layout, flags.String("out", "", "CAR `file` to write, replaced if it exists"),
		flags.Bool("car-v1", false, "write CAR version 1, without an index")
}

// layout is how files become DAGs; balanced, always.
type layout struct {
	chunk    byteSize
	links    int
	version0 bool
}

func newLayout() *layout {
	return &layout{chunk: 1 << 20, links: helpers.DefaultLinksPerBlock}
}

func (l *layout) prefix() cid.Prefix {
	if l.version0 {
		return cid.NewPrefixV0(multihash.SHA2_256)
	}
	return cid.NewPrefixV1(cid.DagProtobuf, multihash.SHA2_256)
}

// importInto writes a CAR file with what the given function builds.
func importInto(out string, version1 bool, layout *layout,
	build func(*builder) (format.Node, error)) (*imported, error) {
	placeholder, err := layout.prefix().Sum(nil)
	if err != nil {
		return nil, err
	}
	file, err := createCar(out, placeholder, version1)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	builder := &builder{layout: layout, dag: &sink{file: file, seen: cid.NewSet()}}
	root, err := build(builder)
	if err != nil {
		return nil, err
	}
	if err := file.finish(root.Cid()); err != nil {
		return nil, err
	}
	return &imported{CID: root.Cid().String(), Size: builder.size, Blocks: builder.dag.seen.Len(), Out: out}, nil
}

// builder turns files and folders into nodes.
type builder struct {
	layout *layout
	dag    *sink
	size   int64
}

func (b *builder) add(path string) (format.Node, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return b.folder(path)
	case info.Mode()&os.ModeSymlink != 0:
		return b.symlink(path)
	case info.Mode().IsRegular():
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return b.content(file)
	}
	return nil, fmt.Errorf("%s is neither file, folder nor symbolic link", path)
}

func (b *builder) content(content io.Reader) (format.Node, error) {
	parameters := helpers.DagBuilderParams{
		Maxlinks:   b.layout.links,
		RawLeaves:  !b.layout.version0,
		CidBuilder: b.layout.prefix(),
		Dagserv:    b.dag,
	}
	counted := &counter{Reader: content}
	helper, err := parameters.New(chunk.NewSizeSplitter(counted, int64(b.layout.chunk)))
	if err != nil {
		return nil, err
	}
	node, err := balanced.Layout(helper)
	b.size += counted.count
	return node, err
}

func (b *builder) symlink(path string) (format.Node, error) {
	to, err := os.Readlink(path)
	if err != nil {
		return nil, err
	}
	data, err := unixfs.SymlinkData(to)
	if err != nil {
		return nil, err
	}
	node := merkledag.NodeWithData(data)
	if err := node.SetCidBuilder(b.layout.prefix()); err != nil {
		return nil, err
	}
	return node, b.dag.Add(context.Background(), node)
}

func (b *builder) folder(path string) (format.Node, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	folder, err := unixfsio.NewDirectory(b.dag, unixfsio.WithCidBuilder(b.layout.prefix()))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		child, err := b.add(filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := folder.AddChild(context.Background(), entry.Name(), child); err != nil {
			return nil, err
		}
	}
	node, err := folder.GetNode()
	if err != nil {
		return nil, err
	}
	return node, b.dag.Add(context.Background(), node)
}

// sink is a DAG service that only takes nodes; building a DAG never asks for one back.
type sink struct {
	format.DAGService
	file *carFile
	seen *cid.Set
}

func (s *sink) Add(ctx context.Context, node format.Node) error {
	if !s.seen.Visit(node.Cid()) {
		return nil
	}
	return s.file.blocks.Put(ctx, node)
}

func (s *sink) AddMany(ctx context.Context, nodes []format.Node) error {
	for _, node := range nodes {
		if err := s.Add(ctx, node); err != nil {
			return err
		}
	}
	return nil
}

type counter struct {
	io.Reader
	count int64
}

func (c *counter) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	c.count += int64(n)
	return n, err
}

// random yields the bytes of SplitMix64, little end first: those of Java's new SplittableRandom(seed).nextBytes.
type random struct {
	state uint64
	left  int64
	rest  []byte
}

func (r *random) Read(into []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	into = into[:min(int64(len(into)), r.left)]
	written := copy(into, r.rest)
	r.rest = r.rest[written:]
	for ; len(into)-written >= 8; written += 8 {
		binary.LittleEndian.PutUint64(into[written:], r.next())
	}
	if written < len(into) {
		r.rest = binary.LittleEndian.AppendUint64(nil, r.next())
		copied := copy(into[written:], r.rest)
		r.rest = r.rest[copied:]
		written += copied
	}
	r.left -= int64(written)
	return written, nil
}

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
