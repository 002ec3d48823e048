package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sort"

	"github.com/ethersphere/bee/v2/pkg/cac"
	"github.com/ethersphere/bee/v2/pkg/crypto"
	"github.com/ethersphere/bee/v2/pkg/postage"
	"github.com/ethersphere/bee/v2/pkg/swarm"
)

const (
	depth       = 24
	bucketDepth = 16
)

// key signs stamps.
type key struct {
	signer  crypto.Signer
	account []byte
}

var (
	owner, stranger = newKey(0x11), newKey(0x22)
	batchID         = sum("beepeer batch")
	overlay         = swarm.NewAddress(sum("beepeer overlay"))
)

func sum(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}

func newKey(each byte) key {
	private := crypto.Secp256k1PrivateKeyFromBytes(bytes.Repeat([]byte{each}, 32))
	account, err := crypto.NewEthereumAddress(private.PublicKey)
	if err != nil {
		panic(err)
	}
	return key{crypto.NewDefaultSigner(private), account}
}

// makeChunks makes the first so many of a bin, or of all; the first few are stamped by a stranger.
func makeChunks(bin, count, foreign int) ([]swarm.Chunk, error) {
	var made []swarm.Chunk
	buckets := map[uint32]uint32{}
	for n := uint64(0); len(made) < count; n++ {
		var data []byte
		for k := byte(0); k < byte(1+n%128); k++ { // of all lengths up to 4096
			hash := sha256.Sum256(append(binary.BigEndian.AppendUint64([]byte("beepeer chunk"), n), k))
			data = append(data, hash[:]...)
		}
		chunk, err := cac.New(data)
		if err != nil {
			return nil, err
		}
		if bin >= 0 && int(swarm.Proximity(overlay.Bytes(), chunk.Address().Bytes())) != bin {
			continue
		}
		by := owner
		if len(made) < foreign {
			by = stranger
		}
		bucket := binary.BigEndian.Uint32(chunk.Address().Bytes()) >> (32 - bucketDepth)
		stamp, err := newStamp(by, chunk.Address(), bucket, buckets[bucket], n+1)
		if err != nil {
			return nil, err
		}
		buckets[bucket]++
		made = append(made, chunk.WithStamp(stamp))
	}
	return made, nil
}

func newStamp(by key, address swarm.Address, bucket, number uint32, time uint64) (*postage.Stamp, error) {
	index := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, bucket), number)
	timestamp := binary.BigEndian.AppendUint64(nil, time)
	hasher := swarm.NewHasher()
	for _, part := range [][]byte{address.Bytes(), batchID, index, timestamp} {
		hasher.Write(part)
	}
	signature, err := by.signer.Sign(hasher.Sum(nil))
	if err != nil {
		return nil, err
	}
	return postage.NewStamp(batchID, index, timestamp, signature), nil
}

// digest tells whether two have the same chunks.
func digest(chunks []swarm.Chunk) string {
	var all []string
	for _, chunk := range chunks {
		all = append(all, chunk.Address().ByteString())
	}
	sort.Strings(all)
	hash := sha256.New()
	for _, address := range all {
		hash.Write([]byte(address))
	}
	return hex.EncodeToString(hash.Sum(nil))
}
