package tursotest

import (
	"encoding/binary"
	"fmt"
	"io"
	stdlog "log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

// Front starts a server in front of sqld, at a URL, that speaks Hrana 3 and the second replication
// protocol, and not the first one. tursodb speaks no Hrana 3, so that is a server of the kind of Turso
// Cloud: its replies to writes have no replication index. The changes are sqld's, from its log.
func Front(t testing.TB, target string) string {
	t.Helper()
	log, err := walog.New(walog.Config{URL: target, HTTP: &http.Transport{}, RequestTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy.Transport, proxy.FlushInterval, proxy.ErrorLog = transport, -1, stdlog.New(io.Discard, "", 0)
	proxy.ModifyResponse = dropIndex
	f := &front{log: log, pages: map[uint32]pageVersion{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/pull-updates":
			f.pull(w, r)
		case strings.Contains(r.URL.Path, "wal_log"):
			http.NotFound(w, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var indexes = regexp.MustCompile(`"replication_index":"?[0-9]+"?`)

// dropIndex removes the replication index from the reply to a pipeline.
func dropIndex(r *http.Response) error {
	if !strings.HasSuffix(r.Request.URL.Path, "/pipeline") || r.Header.Get("Content-Encoding") != "" {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	body = indexes.ReplaceAll(body, []byte(`"replication_index":null`))
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

// A front has the newest version of each page of sqld's log.
type front struct {
	log *walog.Client

	mu         sync.Mutex
	logID      string
	generation int // counts the logs
	next       uint64
	size       uint32
	pages      map[uint32]pageVersion
}

// A pageVersion is a page, and the number of the frame after the one that has it.
type pageVersion struct {
	next uint64
	data []byte
}

func (f *front) pull(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	client := ""
	if err == nil {
		err = proto.Each(body, func(field proto.Field) {
			if field.Num == 3 {
				client = string(field.Bytes)
			}
		})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		err = f.follow(r)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/protobuf")
	w.Write(f.answer(client))
}

// follow reads sqld's log to its end.
func (f *front) follow(r *http.Request) error {
	session, err := f.log.Hello(r.Context())
	if err != nil {
		return err
	}
	if session.LogID != f.logID {
		f.logID, f.next, f.pages = session.LogID, 0, map[uint32]pageVersion{}
		f.generation++
	}
	for frame, err := range f.log.Entries(r.Context(), session, f.next, session.Next) {
		if err != nil {
			return err
		}
		f.next = frame.No + 1
		f.pages[frame.Page] = pageVersion{f.next, slices.Clone(frame.Data)}
		if frame.Commit() {
			f.size = frame.SizeAfter
			maps.DeleteFunc(f.pages, func(page uint32, _ pageVersion) bool { return page > f.size })
		}
	}
	return nil
}

// answer returns the pages since a client's revision, or all of them if that is another generation's.
func (f *front) answer(client string) []byte {
	var generation int
	var since uint64
	n, _ := fmt.Sscanf(client, "g%d:o%d", &generation, &since)
	head := proto.AppendBytes(nil, 1, fmt.Sprintf("g%d:o%d", f.generation, f.next))
	head = proto.AppendVarint(head, 2, uint64(f.size))
	head = proto.AppendBytes(head, 3, "")
	if n < 2 || generation != f.generation {
		since = 0
		head = proto.AppendVarint(head, 6, 1)
	}
	answer := delimited(nil, head)
	for number, v := range f.pages {
		if v.next > since {
			answer = delimited(answer, proto.AppendBytes(proto.AppendVarint(nil, 1, uint64(number-1)), 2, v.data))
		}
	}
	return answer
}

func delimited(b, message []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(message))), message...)
}
