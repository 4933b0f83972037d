package replica

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/replica/call"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/pull"
	"github.com/duolite/duolite/db/internal/replica/walog"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// All pools of a process with the same copy share one follower and one index, so that each sees the
// writes of the others. The follower has the settings of the first pool.
var copies = struct {
	sync.Mutex
	byPath map[string]*shared
}{byPath: map[string]*shared{}}

// A shared is what the databases of one copy share.
type shared struct {
	path  string
	pools int // guarded by copies
	index *hrana.Index

	mu     sync.Mutex
	follow *follower
	cancel context.CancelFunc // ends the follower
}

// share returns the shared part of a copy. Each call needs a call of leave.
func share(path string) *shared {
	path = realPath(path)
	copies.Lock()
	defer copies.Unlock()
	s := copies.byPath[path]
	if s == nil {
		s = &shared{path: path, index: &hrana.Index{}}
		copies.byPath[path] = s
	}
	s.pools++
	return s
}

// realPath returns the path of a file, which may not exist, without links.
func realPath(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}

// leave ends the use of the shared part. The last call ends the follower.
func (s *shared) leave() error {
	copies.Lock()
	s.pools--
	last := s.pools == 0
	if last {
		delete(copies.byPath, s.path)
	}
	copies.Unlock()
	if !last {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop()
}

// stop ends the follower, if there is one. The caller holds s.mu.
func (s *shared) stop() error {
	if s.follow == nil {
		return nil
	}
	s.cancel()
	s.follow.file.Interrupt()
	<-s.follow.done
	s.follow.log.Close()
	s.follow.pull.Close()
	err := s.follow.file.Close()
	s.follow = nil
	return err
}

// start returns the follower, and starts it if there is none.
func (s *shared) start(ctx context.Context, cfg *Config) (*follower, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.follow != nil {
		return s.follow, nil
	}
	log, err := walog.New(callConfig(cfg))
	if err != nil {
		return nil, err
	}
	changes, err := pull.New(callConfig(cfg))
	if err != nil {
		return nil, err
	}
	file, err := localfile.Open(ctx, cfg.Local)
	if err != nil {
		return nil, err
	}
	f := &follower{cfg: cfg, log: log, pull: changes, index: s.index, file: file, changed: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{})}
	pos, copied, err := file.Position(ctx)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if copied {
		f.start(pos)
	}
	run, cancel := context.WithCancel(context.Background())
	s.follow, s.cancel = f, cancel
	go f.run(run)
	return f, nil
}

func callConfig(cfg *Config) call.Config {
	return call.Config{
		URL:            cfg.Server.URL,
		Namespace:      cfg.Server.Namespace,
		Token:          cfg.Server.Token,
		InsecureToken:  cfg.Server.InsecureToken,
		HTTP:           transport.NewHTTP(&cfg.Server),
		RequestTimeout: cfg.Server.RequestTimeout,
	}
}

// checkServer fails if the follower follows another database than the one that cfg names. The address
// may be another one: it is the log that counts. A server that is pulled from has no name for its log.
func (f *follower) checkServer(ctx context.Context, cfg *Config) error {
	if cfg.Server.URL == f.cfg.Server.URL && cfg.Server.Namespace == f.cfg.Server.Namespace {
		return nil
	}
	another := &sqlite.FileError{Path: cfg.Local.Path, Problem: "is open in this process as the replica of another database; give each database a replica of its own"}
	if f.pulling.Load() {
		return another
	}
	log, err := walog.New(callConfig(cfg))
	if err != nil {
		return err
	}
	defer log.Close()
	session, err := log.Hello(ctx)
	if err != nil {
		return err
	}
	if pos, _, _ := f.at(); localfile.HistoryOf(session.LogID, cfg.Server.Namespace) != pos.History {
		return another
	}
	return nil
}

// again ends a follower that has failed to make a copy, so that the next connection tries anew at once.
func (s *shared) again(f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, copied, _ := f.at(); s.follow == f && !copied && f.State().Err != nil {
		_ = s.stop()
	}
}
