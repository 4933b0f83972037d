package call

import (
	"context"
	"sync"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// A Secret is a token.
type Secret = transport.Secret

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
	token, err := transport.AskToken(ctx, t.ask)
	if err != nil {
		return "", err
	}
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
