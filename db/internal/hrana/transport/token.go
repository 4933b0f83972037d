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

// A Secret is a token, or "". Package fmt doesn't show it with any verb. In the field of a struct it must
// be a pointer: fmt doesn't call Format there, and shows an address.
type Secret string

// Format implements [fmt.Formatter].
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[token]") }

// Redact replaces the token in foreign text. Some servers show the request in their errors.
func (s Secret) Redact(text string) string {
	if s == "" {
		return text
	}
	return strings.ReplaceAll(text, string(s), "[token]")
}

// RedactError returns err, or an error with the redacted text if err shows the token.
func (s Secret) RedactError(err error) error {
	if text := err.Error(); s.Redact(text) != text {
		return errors.New(s.Redact(text))
	}
	return err
}

// Clean prepares foreign text for an error: one line, of limited length, without control characters
// and without the token.
func (s Secret) Clean(text string) string {
	text = s.Redact(engine.OneLine(text))
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
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
	token          Secret // may be ""
	json, protobuf headers
}

// The types of the bodies in the two encodings.
const (
	jsonType     = "application/json"
	protobufType = "application/x-protobuf"
)

func newKey(token Secret, base http.Header) *Key {
	if token != "" {
		base = base.Clone()
		base.Set("Authorization", "Bearer "+string(token))
	}
	return &Key{token, newHeaders(base, jsonType), newHeaders(base, protobufType)}
}

func newKeyring(ask func(context.Context) (string, error), base http.Header) *keyring {
	k := &keyring{ask: ask, base: base, lock: make(chan struct{}, 1)}
	if ask == nil {
		k.current.Store(newKey("", base))
	}
	return k
}

// AskToken calls a Config.Token. Its error is a [*TokenError].
func AskToken(ctx context.Context, ask func(context.Context) (string, error)) (Secret, error) {
	token, err := ask(ctx)
	if err == nil && strings.ContainsFunc(token, unicode.IsControl) {
		err = errors.New("it has a control character in it, such as a line end")
	}
	if err != nil {
		return "", &TokenError{err}
	}
	return Secret(token), nil
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
	token, err := AskToken(ctx, k.ask)
	if err != nil {
		return nil, err
	}
	if refused != nil && refused.token == token {
		return refused, nil
	}
	next := newKey(token, k.base)
	k.current.Store(next)
	return next, nil
}

// Clean is [Secret.Clean] for text from the server. A nil key has no token.
func (k *Key) Clean(text string) string {
	if k == nil {
		return Secret("").Clean(text)
	}
	return k.token.Clean(text)
}
