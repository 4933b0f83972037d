package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxMessage bounds the text of a server in an error, in bytes.
const maxMessage = 300

// A TokenError is an error of Config.Token, or of the token that it returned.
type TokenError struct {
	Err error
}

// Error implements error.
func (e *TokenError) Error() string {
	return "get the token: " + e.Err.Error()
}

// Unwrap returns the error that e wraps.
func (e *TokenError) Unwrap() error {
	return e.Err
}

// A secret is a token. Package fmt doesn't show it with any verb.
type secret string

// Format implements [fmt.Formatter].
func (secret) Format(f fmt.State, _ rune) {
	fmt.Fprint(f, "[token]")
}

// A keyring holds the current key. A Client points to it, so that package fmt shows its address
// only.
type keyring struct {
	ask  func(context.Context) (string, error) // Config.Token, or nil
	base http.Header

	lock    chan struct{}       // guards calls of ask; a channel, since a wait for it can be canceled
	current atomic.Pointer[Key] // nil before the first call of ask
}

// A Key is a token with the headers of a request that carries it. Requests share the headers, which
// must not be changed.
type Key struct {
	token          secret // may be ""
	json, protobuf headers
}

// The types of the bodies in the two encodings.
const (
	jsonType     = "application/json"
	protobufType = "application/x-protobuf"
)

func newKey(token string, base http.Header) *Key {
	if token != "" {
		base = base.Clone()
		base.Set("Authorization", "Bearer "+token)
	}
	return &Key{secret(token), newHeaders(base, jsonType), newHeaders(base, protobufType)}
}

func newKeyring(ask func(context.Context) (string, error), base http.Header) *keyring {
	k := &keyring{ask: ask, base: base, lock: make(chan struct{}, 1)}
	if ask == nil {
		k.current.Store(newKey("", base))
	}
	return k
}

// get returns the current key. It asks for a token if there is no key yet, or if the current key is
// refused, the key that a server has refused.
func (k *keyring) get(ctx context.Context, refused *Key) (*Key, error) {
	if key := k.current.Load(); key != nil && (key != refused || k.ask == nil) {
		return key, nil
	}
	select {
	case k.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.lock }()
	if key := k.current.Load(); key != nil && key != refused { // another request has asked meanwhile
		return key, nil
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
	next := newKey(token, k.base)
	k.current.Store(next)
	return next, nil
}

// redactError returns err, or an error with the redacted text if err shows the token.
func (k *Key) redactError(err error) error {
	if text := err.Error(); k.redact(text) != text {
		return errors.New(k.redact(text))
	}
	return err
}

// redact replaces the token in text from a server. Some servers show the request in their errors.
func (k *Key) redact(text string) string {
	if k == nil || k.token == "" {
		return text
	}
	return strings.ReplaceAll(text, string(k.token), "[token]")
}

// Clean prepares text from a server for an error: one line, of limited length, without control
// characters and without the token. A nil key has no token.
func (k *Key) Clean(text string) string {
	text = k.redact(engine.OneLine(text))
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
