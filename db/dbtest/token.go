package dbtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// tokenLifetime is how long a token is valid.
const tokenLifetime = 24 * time.Hour

// An Access is the permission in a token.
type Access int

const (
	// ReadWrite allows reading and writing.
	ReadWrite Access = iota
	// ReadOnly allows reading only.
	ReadOnly
)

// String returns the access as it is written in a token: "rw" or "ro".
func (a Access) String() string {
	switch a {
	case ReadWrite:
		return "rw"
	case ReadOnly:
		return "ro"
	default:
		return fmt.Sprintf("Access(%d)", int(a))
	}
}

// Token returns a token that the server accepts for 24 hours. Like the other methods that
// return tokens, it fails the test if the server was started without [WithAuth].
func (s *Server) Token(access Access) string {
	s.tb.Helper()
	return s.keyPair().token(access, time.Now())
}

// ExpiredToken returns a read-write token that the server refuses because it expired an hour
// ago.
func (s *Server) ExpiredToken() string {
	s.tb.Helper()
	return s.keyPair().token(ReadWrite, time.Now().Add(-tokenLifetime-time.Hour))
}

// ForeignToken returns a read-write token that the server refuses because it isn't signed with
// the server's key.
func (s *Server) ForeignToken() string {
	s.tb.Helper()
	s.keyPair() // fails the test if the server has no keys
	return newKeyPair().token(ReadWrite, time.Now())
}

// keyPair returns the server's keys, or fails the test.
func (s *Server) keyPair() *keyPair {
	s.tb.Helper()
	if s.keys == nil {
		s.tb.Fatal("dbtest: the libSQL server has no tokens: start it with dbtest.WithAuth()")
	}
	return s.keys
}

// A keyPair signs tokens. Servers hold a pointer to it, so that package fmt doesn't print the
// private key.
type keyPair struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newKeyPair() *keyPair {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // rand.Reader doesn't fail
	}
	return &keyPair{public, private}
}

// encodePublic returns the public key as the server reads it.
func (k *keyPair) encodePublic() []byte {
	return []byte(encode(k.public))
}

// token returns a JSON Web Token issued at the given time.
func (k *keyPair) token(access Access, issued time.Time) string {
	claims := struct {
		Access string `json:"a"`
		Issued int64  `json:"iat"`
		Expiry int64  `json:"exp"`
	}{access.String(), issued.Unix(), issued.Add(tokenLifetime).Unix()}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err) // a string and two numbers can be marshaled
	}
	text := encode([]byte(`{"alg":"EdDSA","typ":"JWT"}`)) + "." + encode(payload)
	return text + "." + encode(ed25519.Sign(k.private, []byte(text)))
}

var encode = base64.RawURLEncoding.EncodeToString
