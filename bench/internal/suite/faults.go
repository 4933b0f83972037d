package suite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/duolite/duolite/bench/internal/copying"
	"github.com/duolite/duolite/db"
)

// A replicaFault is something that happens to a replica, after which it must have its server's state.
type replicaFault struct {
	name   string
	happen func(*faulty, context.Context) error
	// offline: the replica is only read, and must have the state before.
	offline bool
}

var replicaFaults = []replicaFault{
	{name: "a kill during the first copy", happen: (*faulty).killFirst},
	{name: "a kill during a sync", happen: (*faulty).killSync},
	{name: "a connection that is cut during a sync", happen: (*faulty).cutSync},
	{name: "a start without the server", happen: (*faulty).unplug, offline: true},
	{name: "a server that was killed", happen: (*faulty).killServer},
	{name: "a server whose data was deleted", happen: (*faulty).wipeServer},
	{name: "a server that was restored from a copy", happen: (*faulty).restoreServer},
	{name: "two processes with one file", happen: (*faulty).twoProcesses},
	{name: "another program that writes the file", happen: (*faulty).writeFile},
}

// An outcome counts what became of the tries.
type outcome struct{ tries, failed, wrong int }

// ReplicaFaults has each fault that only matches happen to each embedded replica, a number of times. It
// prints how often the replica couldn't be used afterwards, and how often it had another state than its
// server.
func ReplicaFaults(ctx context.Context, tries int, only *regexp.Regexp, to io.Writer) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(bin, "faults-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &session{dir: dir, commands: make(map[string][]string), results: &Results{LeftOut: make(map[string]string)}}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "after\tby\ttries\tcan't be used\tanother state than the server's\n")
	for _, fault := range replicaFaults {
		if only != nil && !only.MatchString(fault.name) {
			continue
		}
		for _, c := range copiers {
			command := s.command(ctx, Contestant{Name: c.name, Program: c.program, Cgo: c.cgo})
			if command == nil {
				continue
			}
			var o outcome
			for range tries {
				if err := o.try(ctx, fault, c, command[0], dir); err != nil {
					return fmt.Errorf("%s, %s: %w", fault.name, c.name, err)
				}
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\n", fault.name, c.name, o.tries, o.failed, o.wrong)
		}
	}
	return table.Flush()
}

// A faulty is a server, and a replica behind a link.
type faulty struct {
	program, dir, path string
	server             *server
	link               *link
	pool               *sql.DB // on the server
}

func (o *outcome) try(ctx context.Context, fault replicaFault, c copier, program, parent string) error {
	dir, err := os.MkdirTemp(parent, "try-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f := &faulty{program: program, dir: dir, path: filepath.Join(dir, "copy.db")}
	defer f.close()
	if err := f.begin(ctx); err != nil {
		return err
	}
	if err := fault.happen(f, ctx); err != nil {
		return err
	}
	want, err := copying.ReadState(ctx, f.pool)
	if err != nil {
		return err
	}
	do := "check"
	if fault.offline {
		do = "offline"
	}
	got, err := f.settle(ctx, do)
	o.tries++
	switch {
	case err != nil:
		o.failed++
		log.Printf("%s, %s: %v", fault.name, c.name, err)
	case *got != *want:
		o.wrong++
		log.Printf("%s, %s: %+v, want %+v", fault.name, c.name, *got, *want)
	}
	return ctx.Err()
}

// begin starts a server with a ledger.
func (f *faulty) begin(ctx context.Context) (err error) {
	if f.link, err = startLink(""); err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	if _, err := f.pool.ExecContext(ctx, copying.Schema); err != nil {
		return err
	}
	return f.add(ctx, 100)
}

// start starts the server on the data that is there.
func (f *faulty) start(ctx context.Context) (err error) {
	if f.server, err = startServer(ctx, f.dir); err != nil {
		return err
	}
	f.link.to(f.server.addr)
	f.pool, err = db.Open(ctx, f.server.url())
	return err
}

// stop kills the server.
func (f *faulty) stop() {
	if f.pool != nil {
		f.pool.Close()
	}
	if f.server != nil {
		f.server.stop()
	}
	f.pool, f.server = nil, nil
}

func (f *faulty) close() {
	f.stop()
	if f.link != nil {
		f.link.cut()
	}
}

// add adds entries to the ledger.
func (f *faulty) add(ctx context.Context, n int) error {
	for range n {
		if _, err := f.pool.ExecContext(ctx, copying.Entry); err != nil {
			return err
		}
	}
	return nil
}

func (f *faulty) command(ctx context.Context, do string, times int) *exec.Cmd {
	return exec.CommandContext(ctx, f.program, "-do", do, "-url", "http://"+f.link.addr, "-path", f.path, "-times", strconv.Itoa(times))
}

// settle has the replica read, and again after an error, which may be of a moment.
func (f *faulty) settle(ctx context.Context, do string) (state *copying.State, err error) {
	for range 5 {
		if state, err = f.read(ctx, do); err == nil {
			return state, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return nil, err
}

func (f *faulty) read(ctx context.Context, do string) (*copying.State, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := f.command(ctx, do, 0).Output()
	var figures copying.Figures
	if err == nil {
		err = json.Unmarshal(out, &figures)
	}
	if err == nil && figures.Error != "" {
		err = errors.New(figures.Error)
	}
	return figures.State, err
}

// copied makes the replica, and then more entries on the server.
func (f *faulty) copied(ctx context.Context) error {
	if _, err := f.settle(ctx, "check"); err != nil {
		return err
	}
	return f.add(ctx, 50)
}

// kill kills a program that syncs, after a random time.
func (f *faulty) kill(ctx context.Context) error {
	cmd := f.command(ctx, "follow", 1000)
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(rand.N(100 * time.Millisecond))
	cmd.Process.Kill()
	cmd.Wait()
	return nil
}

func (f *faulty) killFirst(ctx context.Context) error { return f.kill(ctx) }

func (f *faulty) killSync(ctx context.Context) error {
	if err := f.copied(ctx); err != nil {
		return err
	}
	return f.kill(ctx)
}

func (f *faulty) cutSync(ctx context.Context) error {
	if err := f.copied(ctx); err != nil {
		return err
	}
	cmd := f.command(ctx, "follow", 30)
	if err := cmd.Start(); err != nil {
		return err
	}
	for range 3 {
		time.Sleep(rand.N(100 * time.Millisecond))
		f.link.cut()
		if err := f.link.restore(); err != nil {
			return err
		}
	}
	cmd.Wait() // its error isn't the promise
	return nil
}

func (f *faulty) unplug(ctx context.Context) error {
	if _, err := f.settle(ctx, "check"); err != nil {
		return err
	}
	f.link.cut()
	return nil
}

func (f *faulty) killServer(ctx context.Context) error {
	if err := f.copied(ctx); err != nil {
		return err
	}
	f.stop()
	if err := f.start(ctx); err != nil {
		return err
	}
	return f.add(ctx, 10)
}

func (f *faulty) wipeServer(ctx context.Context) error {
	if err := f.copied(ctx); err != nil {
		return err
	}
	f.stop()
	if err := os.RemoveAll(f.data()); err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	if _, err := f.pool.ExecContext(ctx, copying.Schema); err != nil {
		return err
	}
	return f.add(ctx, 10)
}

func (f *faulty) data() string { return filepath.Join(f.dir, "server") }

func (f *faulty) restoreServer(ctx context.Context) error {
	if err := errors.Join(f.pool.Close(), f.server.end()); err != nil {
		return err
	}
	backup := filepath.Join(f.dir, "backup")
	if err := os.CopyFS(backup, os.DirFS(f.data())); err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	if err := f.add(ctx, 20); err != nil {
		return err
	}
	if _, err := f.settle(ctx, "check"); err != nil {
		return err
	}
	f.stop()
	if err := errors.Join(os.RemoveAll(f.data()), os.Rename(backup, f.data())); err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	return f.add(ctx, 30)
}

func (f *faulty) twoProcesses(ctx context.Context) error {
	if err := f.copied(ctx); err != nil {
		return err
	}
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { _ = f.command(ctx, "follow", 50).Run() }) // its error isn't the promise
	}
	err := f.add(ctx, 50)
	group.Wait()
	return err
}

// writeFile has another program change rows and make a table, if it can.
func (f *faulty) writeFile(ctx context.Context) error {
	if _, err := f.settle(ctx, "check"); err != nil {
		return err
	}
	other, err := sql.Open("sqlite", "file:"+f.path)
	if err != nil {
		return err
	}
	_, _ = other.ExecContext(ctx, "UPDATE ledger SET mark = 0 WHERE id <= 50; CREATE TABLE other AS SELECT * FROM ledger")
	if err := other.Close(); err != nil {
		return err
	}
	return f.add(ctx, 10)
}
