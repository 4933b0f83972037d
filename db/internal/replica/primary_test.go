package replica_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"io"
	"log"
	"maps"
	"math/bits"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A primary serves the log of a database in a file, and can do things with it that a real server does
// only when it is killed or restored at the right moment.
type primary struct {
	t    *testing.T
	url  string
	path string
	file *sql.DB

	mu       sync.Mutex
	history  // served
	pages    map[uint32][]byte
	oldest   int           // frames before it are in the snapshot only
	cut      int           // the number of frames of an answer, after which it breaks off; 0 is no limit
	hold     chan struct{} // if it isn't nil, answers with frames wait for it
	down     bool          // answers nothing
	slow     bool          // each message is sent by itself
	running  context.Context
	stop     func() // ends the requests that wait
	requests map[string]int
}

// A history is a log.
type history struct {
	logID, session string
	frames         []frame
}

type frame struct {
	page, size uint32
	sum        uint64
	data       []byte
}

func newPrimary(t *testing.T, statements ...string) *primary {
	t.Helper()
	p := &primary{t: t, history: history{logID: "log", session: "session"}, pages: map[uint32][]byte{}, requests: map[string]int{}}
	p.running, p.stop = context.WithCancel(t.Context())
	p.path = filepath.Join(t.TempDir(), "primary.db")
	p.file = open(t, p.path)
	p.write(statements...)
	server := httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	p.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

// write runs statements, which become one transaction of the log.
func (p *primary) write(statements ...string) {
	p.t.Helper()
	for _, statement := range statements {
		execute(p.t, p.file, statement)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	rows, err := p.file.QueryContext(p.t.Context(), "SELECT pgno, data FROM sqlite_dbpage ORDER BY pgno")
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	var number, size uint32
	var changed []frame
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&number, &data); err != nil {
			p.t.Fatal(err)
		}
		size = max(size, number)
		if !bytes.Equal(data, p.pages[number]) {
			p.pages[number] = data
			changed = append(changed, frame{page: number, data: data})
		}
	}
	changed[len(changed)-1].size = size
	for _, f := range changed {
		var before uint64
		if n := len(p.frames); n > 0 {
			before = p.frames[n-1].sum
		}
		f.sum = crc64.Update(^bits.Reverse64(before), crc64.MakeTable(crc64.ISO), f.data)
		p.frames = append(p.frames, f)
	}
}

// change changes the log while no request reads it.
func (p *primary) change(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// restart ends the requests that wait, and begins a new session.
func (p *primary) restart(session string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	p.session = session
	p.running, p.stop = context.WithCancel(p.t.Context())
}

// A backup is a copy of a primary's data.
type backup struct {
	history history
	pages   map[uint32][]byte
	file    string
}

func (p *primary) backup() backup {
	p.t.Helper()
	execute(p.t, p.file, "PRAGMA wal_checkpoint(TRUNCATE)")
	b := backup{history{p.logID, p.session, slices.Clone(p.frames)}, maps.Clone(p.pages), filepath.Join(p.t.TempDir(), "backup.db")}
	data, err := os.ReadFile(p.path)
	if err == nil {
		err = os.WriteFile(b.file, data, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// restore makes a backup the primary's data.
func (p *primary) restore(b backup) {
	p.t.Helper()
	p.file = open(p.t, b.file)
	p.change(func() { p.history, p.pages, p.path, p.oldest, p.cut = b.history, b.pages, b.file, 0, 0 })
}

func (p *primary) asked(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[method]
}

func (p *primary) serve(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	body, _ := io.ReadAll(r.Body)
	next := 0
	if len(body) > 6 { // the prefix, and the field's number
		n, _ := binary.Uvarint(body[6:])
		next = int(n)
	}
	p.mu.Lock()
	p.requests[method]++
	hold, down, slow, running := p.hold, p.down, p.slow, p.running
	p.mu.Unlock()
	if down {
		panic(http.ErrAbortHandler)
	}
	if hold != nil && method != "Hello" {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/grpc-web+proto")
	p.mu.Lock()
	answer, status, cut := p.answer(method, next)
	p.mu.Unlock()
	for _, message := range answer {
		w.Write(message)
		if slow {
			http.NewResponseController(w).Flush()
			time.Sleep(time.Millisecond)
		}
	}
	http.NewResponseController(w).Flush()
	switch {
	case cut:
		panic(http.ErrAbortHandler)
	case method == "LogEntries" && status == "":
		select { // it waits for more
		case <-r.Context().Done():
		case <-running.Done():
			panic(http.ErrAbortHandler)
		}
	default:
		trailer := message([]byte("grpc-status:0\r\n"))
		if status != "" {
			trailer = message([]byte("grpc-status:9\r\ngrpc-message:" + status + "\r\n"))
		}
		trailer[0] = 0x80
		w.Write(trailer)
	}
}

// answer returns the messages of an answer. The caller holds p.mu.
func (p *primary) answer(method string, next int) (messages [][]byte, status string, cut bool) {
	switch method {
	case "Hello":
		hello := slices.Concat(field(3, []byte(p.logID)), field(4, []byte(p.session)))
		return [][]byte{message(binary.AppendUvarint(append(hello, 5<<3), uint64(len(p.frames)-1)))}, "", false
	case "LogEntries":
		if next < p.oldest {
			return nil, "NEED_SNAPSHOT", false
		}
		for no := next; no < len(p.frames); no++ {
			messages = append(messages, p.frames[no].message(no, p.frames[no].size))
		}
	case "Snapshot":
		seen := map[uint32]bool{}
		for no := len(p.frames) - 1; no >= next; no-- {
			if f := p.frames[no]; !seen[f.page] {
				seen[f.page] = true
				messages = append(messages, f.message(no, 0))
			}
		}
		messages[len(messages)-1] = p.withSize(messages, next)
	}
	if p.cut > 0 && p.cut < len(messages) {
		messages, cut = messages[:p.cut], true
	}
	return messages, "", cut
}

// withSize returns the last message of a snapshot, which has the size.
func (p *primary) withSize(messages [][]byte, next int) []byte {
	seen := map[uint32]bool{}
	last := 0
	for no := len(p.frames) - 1; no >= next; no-- {
		if !seen[p.frames[no].page] {
			seen[p.frames[no].page], last = true, no
		}
	}
	return p.frames[last].message(last, p.frames[len(p.frames)-1].size)
}

func (f frame) message(no int, size uint32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(no))
	b = binary.LittleEndian.AppendUint64(b, f.sum)
	b = binary.LittleEndian.AppendUint32(b, f.page)
	b = binary.LittleEndian.AppendUint32(b, size)
	return message(field(1, append(b, f.data...)))
}

// message puts the prefix of gRPC-web before a message.
func message(payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(payload))), payload...)
}

// field returns a field of bytes.
func field(number uint64, content []byte) []byte {
	b := binary.AppendUvarint(nil, number<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(content))), content...)
}

// dump returns all rows of the table t.
func dump(t *testing.T, pool *sql.DB) string {
	t.Helper()
	var rows string
	if err := pool.QueryRowContext(t.Context(), "SELECT coalesce(group_concat(a), '') FROM (SELECT a FROM t ORDER BY rowid)").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	var verdict string
	if err := pool.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s, %v", verdict, err)
	}
	return fmt.Sprint(len(rows), rows[:min(100, len(rows))], crc64.Checksum([]byte(rows), crc64.MakeTable(crc64.ISO)))
}
