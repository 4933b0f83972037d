package suite

import (
	"context"
	"fmt"
	"time"
)

// remote runs the contestants on one server. Where there is no delay they reach it
// directly, and nothing is counted; else through a proxy that is the network.
func (s *session) remote(ctx context.Context) error {
	if !s.wantsAny("remote", s.plan.remote(), Remote) {
		return nil
	}
	server, err := startServer(ctx, s.dir)
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer server.stop()
	if err := fillServer(ctx, server.url()); err != nil {
		return fmt.Errorf("fill the server: %w", err)
	}
	for round := 1; round <= s.plan.Rounds; round++ {
		for _, delay := range s.plan.Delays {
			for _, w := range s.plan.remote() {
				if err := s.remoteWorkload(ctx, round, delay, w, server); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *session) remoteWorkload(ctx context.Context, round int, delay time.Duration, w Workload, server *server) error {
	if delay > 0 {
		w.Time = max(w.Time, 10*delay)
	}
	for _, c := range turned(Remote, round) {
		if !s.wants("remote", w.Name, c.Name) {
			continue
		}
		command := s.command(ctx, c)
		if command == nil {
			continue
		}
		addr := server.addr
		var p *proxy
		if delay > 0 {
			var err error
			if p, err = startProxy(server.addr, delay); err != nil {
				return err
			}
			addr = p.addr()
		}
		scheme := c.Scheme
		if scheme == "" {
			scheme = "http"
		}
		r := Run{Section: "remote", Workload: w.Name, Title: w.Title, Contestant: c.Name, Round: round, Rows: w.Rows, Size: w.Seeded,
			Delay: delay.Milliseconds(), Result: run(ctx, command, c, w, scheme+"://"+addr, p, true)}
		if p != nil {
			p.close()
		}
		s.keep(r)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) wantsAny(section string, workloads []Workload, contestants []Contestant) bool {
	for _, w := range workloads {
		for _, c := range contestants {
			if s.wants(section, w.Name, c.Name) {
				return true
			}
		}
	}
	return false
}
