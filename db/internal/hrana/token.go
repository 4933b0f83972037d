package hrana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode"
)

// A TokenError says why there is no token.
type TokenError struct {
	Err error
}

func (e *TokenError) Error() string {
	return "get the token: " + e.Err.Error()
}

func (e *TokenError) Unwrap() error {
	return e.Err
}

// A secret is a token. Package fmt doesn't show it, whatever the verb.
type secret string

// Format implements [fmt.Formatter].
func (secret) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "[token]")
}

// A keyring keeps the token and the headers that it goes into. It is held by pointer,
// so that package fmt shows no more of it than its address.
type keyring struct {
	ask  func(context.Context) (string, error) // nil: there is no token
	base http.Header

	lock chan struct{}       // held while asking; a channel, so that the wait for it can end
	held atomic.Pointer[key] // nil until asked
}

// A key is a token, and the headers of a request that bears it. The headers are shared
// by requests: nobody changes them.
type key struct {
	token  secret
	header http.Header
	plain  http.Header // those for a near server
}

func newKeyring(ask func(context.Context) (string, error), base http.Header) *keyring {
	k := &keyring{ask: ask, base: base, lock: make(chan struct{}, 1)}
	if ask == nil {
		k.held.Store(&key{header: base, plain: uncompressed(base)})
	}
	return k
}

// get returns the key. It asks for the token the first time, and when the one that is
// held is refused, which a server has refused.
func (k *keyring) get(ctx context.Context, refused *key) (*key, error) {
	if held := k.held.Load(); held != nil && (held != refused || k.ask == nil) {
		return held, nil
	}
	select {
	case k.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.lock }()
	if held := k.held.Load(); held != nil && held != refused { // another has asked meanwhile
		return held, nil
	}
	token, err := k.ask(ctx)
	if err == nil && strings.ContainsFunc(token, unicode.IsControl) {
		err = errors.New("it has a control character in it, such as a line end")
	}
	if err != nil {
		return nil, &TokenError{err}
	}
	if refused != nil && string(refused.token) == token {
		return refused, nil
	}
	header := k.base
	if token != "" {
		header = k.base.Clone()
		header.Set("Authorization", "Bearer "+token)
	}
	next := &key{secret(token), header, uncompressed(header)}
	k.held.Store(next)
	return next, nil
}

// redactError returns err, or one of its text alone if that shows the token.
func (k *key) redactError(err error) error {
	if text := err.Error(); k.redact(text) != text {
		return errors.New(k.redact(text))
	}
	return err
}

// redact removes the token from what a server says: some show what they were sent.
func (k *key) redact(text string) string {
	if k == nil || k.token == "" {
		return text
	}
	return strings.ReplaceAll(text, string(k.token), "[token]")
}
