package suite

import (
	"context"
	"fmt"
	"os"
	"time"
)

// remote runs the contestants on one server. Without a delay they connect to it directly, and
// nothing is counted; otherwise a proxy simulates the network.
func (s *session) remote(ctx context.Context) error {
	if !s.wantsAny("remote", s.plan.remote(), Remote) {
		return nil
	}
	server, err := s.filledServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	return s.remoteRounds(ctx, "remote", s.plan.Delays, s.plan.remote(), Remote, server)
}

func (s *session) filledServer(ctx context.Context) (*server, error) {
	dir, err := os.MkdirTemp(s.dir, "server-") // the database of the previous server still exists
	if err != nil {
		return nil, err
	}
	server, err := startServer(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := fillServer(ctx, server.url()); err != nil {
		server.stop()
		return nil, fmt.Errorf("fill the server: %w", err)
	}
	return server, nil
}

func (s *session) remoteRounds(ctx context.Context, section string, delays []time.Duration, workloads []Workload, contestants []Contestant, server *server) error {
	for round := 1; round <= s.plan.Rounds; round++ {
		for _, delay := range delays {
			for _, w := range workloads {
				if err := s.remoteWorkload(ctx, section, round, delay, w, rotated(contestants, round), server); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *session) remoteWorkload(ctx context.Context, section string, round int, delay time.Duration, w Workload, contestants []Contestant, server *server) error {
	if delay > 0 {
		w.Time = max(w.Time, 10*delay)
	}
	for _, c := range contestants {
		if !s.wants(section, w.Name, c.Name) || !c.runs(w) {
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
		r := Run{Section: section, Workload: w.Name, Title: w.Title, Contestant: c.Name, Round: round, Rows: w.Rows, Size: w.Seeded,
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
