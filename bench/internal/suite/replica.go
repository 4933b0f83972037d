package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/duolite/duolite/bench/internal/copying"
	"github.com/duolite/duolite/db"
)

// A copier is a program that keeps a copy.
type copier struct {
	name, program string
	cgo           bool
}

var copiers = []copier{{"duolite", "replica", false}, {"go-libsql (cgo)", "golibsqlreplica", true}}

// Replica measures embedded replicas beside each other, in turn, and prints a table of medians:
// the first copy of a database of some megabytes, catching up, the time until another program's
// write can be read, and reads meanwhile.
func Replica(ctx context.Context, plan Plan, megabytes int, to io.Writer) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(bin, "replica-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &session{plan: plan, dir: dir, commands: make(map[string][]string), results: &Results{LeftOut: make(map[string]string)}}
	m := &replicas{session: s, figures: map[string][]copying.Figures{}}
	var found []copier
	for _, c := range copiers {
		if s.command(ctx, Contestant{Name: c.name, Program: c.program, Cgo: c.cgo}) != nil {
			found = append(found, c)
		}
	}
	if m.server, err = s.filledServer(ctx); err != nil {
		return err
	}
	defer m.server.stop()
	if err := m.grow(ctx, megabytes); err != nil {
		return err
	}
	for round := range plan.Rounds {
		for i := range found {
			if err := m.round(ctx, found[(i+round)%len(found)]); err != nil {
				return err
			}
		}
	}
	return m.print(found, to)
}

type replicas struct {
	session *session
	server  *server
	figures map[string][]copying.Figures // by what was done, and the copier's name
}

const filler = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO bookmarks (url, title, notes, visits, score, created_at)
SELECT 'https://example.com/large/' || hex(randomblob(12)), 'title', hex(randomblob(400)), 0, 0, 0 FROM n`

// grow adds rows until the server's database has some megabytes.
func (m *replicas) grow(ctx context.Context, megabytes int) error {
	pool, err := db.Open(ctx, m.server.url())
	if err != nil {
		return err
	}
	defer pool.Close()
	for {
		var pages int
		if err := pool.QueryRowContext(ctx, "SELECT page_count FROM pragma_page_count").Scan(&pages); err != nil {
			return err
		}
		if pages*4096 >= megabytes<<20 {
			return nil
		}
		if _, err := pool.ExecContext(ctx, filler); err != nil {
			return err
		}
	}
}

// count returns the number of rows on the server.
func (m *replicas) count(ctx context.Context) (rows int, err error) {
	pool, err := db.Open(ctx, m.server.url())
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	return rows, pool.QueryRowContext(ctx, "SELECT count(*) FROM bookmarks").Scan(&rows)
}

// write makes small transactions on the server.
func (m *replicas) write(ctx context.Context, n int, pause time.Duration) error {
	pool, err := db.Open(ctx, m.server.url())
	if err != nil {
		return err
	}
	defer pool.Close()
	for range n {
		if _, err := pool.ExecContext(ctx, "INSERT INTO bookmarks (url, title, visits, score, created_at) VALUES ('https://example.com/small/' || hex(randomblob(12)), '', 0, 0, 0)"); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

const catchUp, lags, reads = 2000, 200, 20_000

// round measures one copier on a new copy.
func (m *replicas) round(ctx context.Context, c copier) error {
	path := filepath.Join(m.session.dir, "copy.db")
	defer removeCopy(path)
	for _, do := range []string{"open", "catchup"} {
		rows, err := m.count(ctx)
		if err == nil {
			err = m.run(ctx, c, do, m.server.url(), path, rows, 1)
		}
		if err == nil && do == "open" {
			err = m.write(ctx, catchUp, 0)
		}
		if err != nil {
			return err
		}
	}
	if err := m.run(ctx, c, "lag", m.server.url(), path, 0, lags); err != nil {
		return err
	}
	if err := m.deleteLags(ctx); err != nil {
		return err
	}
	if err := m.run(ctx, c, "reads", m.server.url(), path, seeded, reads); err != nil {
		return err
	}
	return errors.Join(m.readsBesideWrites(ctx, c, path), m.plainReads(ctx, c, path))
}

// readsBesideWrites reads while another program writes on the server.
func (m *replicas) readsBesideWrites(ctx context.Context, c copier, path string) error {
	writing, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { _ = m.write(writing, 1_000_000, 2*time.Millisecond) })
	defer group.Wait()
	defer stop()
	return m.runAs(ctx, c, "reads beside 400 writes/s", "reads", m.server.url(), path, seeded, 5*reads)
}

// plainReads reads duolite's copy as a plain file.
func (m *replicas) plainReads(ctx context.Context, c copier, path string) error {
	if c.cgo {
		return nil
	}
	return m.runAs(ctx, c, "reads of a plain file", "reads", "", "file:"+path+"?mode=ro", seeded, reads)
}

func (m *replicas) deleteLags(ctx context.Context) error {
	pool, err := db.Open(ctx, m.server.url())
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "DELETE FROM bookmarks WHERE id >= 1000000000")
	return err
}

func (m *replicas) run(ctx context.Context, c copier, do, url, path string, rows, times int) error {
	return m.runAs(ctx, c, do, do, url, path, rows, times)
}

func (m *replicas) runAs(ctx context.Context, c copier, name, do, url, path string, rows, times int) error {
	command := m.session.commands[c.program]
	cmd := exec.CommandContext(ctx, command[0], "-do", do, "-url", url, "-path", path, "-rows", strconv.Itoa(rows), "-times", strconv.Itoa(times))
	cmd.Stderr = io.Discard // go-libsql logs
	out, err := cmd.Output()
	var f copying.Figures
	if err == nil {
		err = json.Unmarshal(out, &f)
	}
	if err == nil && f.Error != "" {
		err = errors.New(f.Error)
	}
	if err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, name, err)
	}
	log.Printf("%s, %s: %.4g ms, %.4g ms of CPU, p99 %.4g ms, %.0f MiB", c.name, name, f.Wall, f.CPU, f.P99, f.PeakMiB)
	key := name + "\x00" + c.name
	m.figures[key] = append(m.figures[key], f)
	return nil
}

func (m *replicas) print(found []copier, to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\tby\tms\tp99 ms\tmax ms\tCPU ms\tpeak MiB\n")
	for _, do := range []string{"open", "catchup", "lag", "reads", "reads beside 400 writes/s", "reads of a plain file"} {
		for _, c := range found {
			all := m.figures[do+"\x00"+c.name]
			if len(all) == 0 {
				continue
			}
			middle := func(value func(copying.Figures) float64) float64 {
				values := make([]float64, len(all))
				for i, f := range all {
					values[i] = value(f)
				}
				return median(values)
			}
			fmt.Fprintf(table, "%s\t%s\t%.4g\t%.4g\t%.4g\t%.4g\t%.0f\n", do, c.name,
				middle(func(f copying.Figures) float64 { return f.Wall }), middle(func(f copying.Figures) float64 { return f.P99 }),
				middle(func(f copying.Figures) float64 { return f.Max }), middle(func(f copying.Figures) float64 { return f.CPU }),
				middle(func(f copying.Figures) float64 { return f.PeakMiB }))
		}
	}
	return table.Flush()
}

// removeCopy removes a copy with the files beside it, of any client.
func removeCopy(path string) {
	files, _ := filepath.Glob(path + "*")
	for _, file := range files {
		os.Remove(file)
	}
}
