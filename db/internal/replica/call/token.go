package call

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// A Secret is a token. Package fmt doesn't show it with any verb. In the field of a struct it must be
// a pointer: fmt doesn't call Format there, and shows an address.
type Secret string

// Format implements [fmt.Formatter].
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[token]") }

// redact replaces the token in foreign text. Some servers show the request in their errors.
func (s Secret) redact(text string) string {
	if s == "" {
		return text
	}
	return strings.ReplaceAll(text, string(s), "[token]")
}

// redactError returns err, or an error with the redacted text if err shows the token.
func (s Secret) redactError(err error) error {
	if text := err.Error(); s.redact(text) != text {
		return errors.New(s.redact(text))
	}
	return err
}

// Clean prepares foreign text for an error, as far as it can have no token.
func Clean(text string) string { return Secret("").clean(text) }

// clean prepares foreign text for an error: one line, of limited length, without the token.
func (s Secret) clean(text string) string {
	return (*transport.Key)(nil).Clean(s.redact(text))
}

// tokens remembers the token of Config.Token until the server refuses it.
type tokens struct {
	ask func(context.Context) (string, error) // may be nil

	mu      sync.Mutex
	current *Secret // nil if ask has to be called
}

// get returns the token, or "" if there is none.
func (t *tokens) get(ctx context.Context) (Secret, error) {
	if t.ask == nil {
		return "", nil
	}
	t.mu.Lock()
	current := t.current
	t.mu.Unlock()
	if current != nil {
		return *current, nil
	}
	text, err := t.ask(ctx)
	if err == nil && strings.ContainsFunc(text, unicode.IsControl) {
		err = errors.New("it has a control character in it, such as a line end")
	}
	if err != nil {
		return "", &transport.TokenError{Err: err}
	}
	token := Secret(text)
	t.mu.Lock()
	t.current = &token
	t.mu.Unlock()
	return token, nil
}

// refuse forgets the token that the server has refused.
func (t *tokens) refuse(token Secret) {
	t.mu.Lock()
	if t.current != nil && *t.current == token { // otherwise another call has asked meanwhile
		t.current = nil
	}
	t.mu.Unlock()
}
