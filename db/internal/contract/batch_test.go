package contract

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
)

// TestAffectsWholeBatch is about errors that name no call of a batch, as each could have met them.
func TestAffectsWholeBatch(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		want bool
	}{
		{t.Context(), &engine.Error{Kind: engine.ErrUnique, Code: engine.CodeUnique}, false},
		{canceled, &engine.Error{Kind: engine.ErrUnique, Code: engine.CodeUnique}, false},
		{canceled, fmt.Errorf("interrupted: %w", context.Canceled), true},
		{t.Context(), engine.ErrClosed, true},
		{t.Context(), sql.ErrConnDone, true},
		{t.Context(), &engine.Error{Kind: engine.ErrBusy, Code: engine.CodeBusy}, true},        // the lock went to another
		{t.Context(), &engine.Error{Kind: engine.ErrBusy, Code: engine.CodeBusy | 2<<8}, true}, // extended
		{t.Context(), &engine.Error{Kind: engine.ErrBusy, Code: engine.CodeLocked}, false},     // a table, by the program's own rows
	} {
		if got := affectsWholeBatch(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.err, got, tt.want)
		}
	}
}
