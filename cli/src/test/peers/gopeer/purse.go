package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"
)

// A purse is a channel's signing key, and the domain that its signatures are for.
type purse struct {
	key      *secp256k1.PrivateKey
	chain    int64
	contract []byte
}

const (
	domainType  = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
	voucherType = "Voucher(bytes32 channelId,uint64 lane,uint64 nonce,uint128 cumulativeAmount)"
	openType    = "Open(bytes32 channelId,uint64 lane,uint64 dealId,bytes32 client,bytes32 provider,bytes32 offer)"
)

func keccak(parts ...[]byte) []byte {
	hash := sha3.NewLegacyKeccak256()
	for _, part := range parts {
		hash.Write(part)
	}
	return hash.Sum(nil)
}

// word is a value as abi.encode lays it out: 32 bytes, numbers and addresses on the right.
func word(value any) []byte {
	out := make([]byte, 32)
	switch value := value.(type) {
	case int64:
		binary.BigEndian.PutUint64(out[24:], uint64(value))
	case *big.Int:
		value.FillBytes(out)
	case []byte:
		copy(out[32-len(value):], value)
	default:
		panic(fmt.Sprintf("no word: %T", value))
	}
	return out
}

// structHash is that of EIP-712, for members of 32 bytes or less.
func structHash(name string, members ...any) []byte {
	words := [][]byte{keccak([]byte(name))}
	for _, member := range members {
		words = append(words, word(member))
	}
	return keccak(words...)
}

func (p purse) digest(name string, members ...any) []byte {
	separator := structHash(domainType, keccak([]byte("PaymentChannels")), keccak([]byte("1")), p.chain, p.contract)
	return keccak([]byte{0x19, 0x01}, separator, structHash(name, members...))
}

// sign gives r, s and v, 65 bytes, with s in the lower half.
func (p purse) sign(name string, members ...any) []byte {
	compact := ecdsa.SignCompact(p.key, p.digest(name, members...), false)
	return append(compact[1:], compact[0]) // v is 27 or 28 in this form, too
}

// signed tells whether a signature is this key's.
func (p purse) signed(signature []byte, name string, members ...any) bool {
	if len(signature) != 65 {
		return false
	}
	signer, _, err := ecdsa.RecoverCompact(append([]byte{signature[64]}, signature[:64]...), p.digest(name, members...))
	return err == nil && signer.IsEqual(p.key.PubKey())
}

func (p purse) address() string {
	public := p.key.PubKey().SerializeUncompressed()
	return "0x" + hex.EncodeToString(keccak(public[1:])[12:])
}

// wallet is a keystore file, web3 secret storage version 3 with scrypt: what "sluice wallet export" writes.
type wallet struct {
	Version int `json:"version"`
	Crypto  struct {
		Cipher     string    `json:"cipher"`
		Ciphertext hexString `json:"ciphertext"`
		Params     struct {
			IV hexString `json:"iv"`
		} `json:"cipherparams"`
		KDF       string `json:"kdf"`
		KDFParams struct {
			N      int       `json:"n"`
			R      int       `json:"r"`
			P      int       `json:"p"`
			Length int       `json:"dklen"`
			Salt   hexString `json:"salt"`
		} `json:"kdfparams"`
		MAC hexString `json:"mac"`
	} `json:"crypto"`
}

type hexString []byte

func (h *hexString) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func readWallet(path, passphrase string) (*secp256k1.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file wallet
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	of := file.Crypto
	if file.Version != 3 || of.Cipher != "aes-128-ctr" || of.KDF != "scrypt" || of.KDFParams.Length < 32 {
		return nil, fmt.Errorf("%s is no keystore file, version 3 with scrypt", path)
	}
	derived, err := scrypt.Key([]byte(passphrase), of.KDFParams.Salt, of.KDFParams.N, of.KDFParams.R, of.KDFParams.P,
		of.KDFParams.Length)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(keccak(derived[16:32], of.Ciphertext), of.MAC) != 1 {
		return nil, errors.New("wrong passphrase")
	}
	block, err := aes.NewCipher(derived[:16])
	if err != nil {
		return nil, err
	}
	secret := make([]byte, len(of.Ciphertext))
	cipher.NewCTR(block, of.Params.IV).XORKeyStream(secret, of.Ciphertext)
	return secp256k1.PrivKeyFromBytes(secret), nil
}
