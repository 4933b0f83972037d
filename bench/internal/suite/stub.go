package suite

import "context"

func (s *session) remote(ctx context.Context) error { return nil }
func (s *session) growth(ctx context.Context) error { return nil }
