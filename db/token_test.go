package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestRefusedTokens wants Open to fail, not the first query.
func TestRefusedTokens(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	for name, opts := range map[string][]db.Option{
		"none":    nil,
		"expired": {db.WithAuthToken(server.ExpiredToken())},
		"foreign": {db.WithAuthToken(server.ForeignToken())},
		"no JWT":  {db.WithAuthToken(canary)},
	} {
		pool, err := db.Open(t.Context(), server.URL(), opts...)
		checkKind(t, name, err, db.ErrUnauthorized)
		if pool != nil {
			t.Errorf("%s: Open returns a pool besides the error", name)
		}
	}
	_, err := db.Open(t.Context(), server.URL()+"?authToken="+server.ExpiredToken())
	checkKind(t, "expired, in the URL", err, db.ErrUnauthorized)
}

func TestTokenInURL(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	url := server.URL() + "?authToken=" + server.Token(dbtest.ReadWrite)
	execute(t, open(t, url), "CREATE TABLE t (x)")
	check(t, "redacted", db.Redact(url), server.URL())
}

// TestReadOnlyToken also wants the connections to be of use after the server refused
// something: it closes what it had of them.
func TestReadOnlyToken(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	execute(t, open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadWrite))), "CREATE TABLE t (x)")
	pool := open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadOnly)))
	for how, run := range waysToRun {
		err := run(t.Context(), pool, "INSERT INTO t VALUES (1)")
		e := checkKind(t, how, err, db.ErrReadOnly)
		check(t, how+": code", e.Code, codeReadOnly)
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		check(t, how+": rows", get[int](t, conn, "SELECT count(*) FROM t"), 0)
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestHeldConnection is about one that a program keeps after the server refused
// something on it: it goes on.
func TestHeldConnection(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	conn, err := open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadOnly))).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "CREATE TABLE t (x)")
	checkKind(t, "create", err, db.ErrReadOnly)
	check(t, "the next statement", get[int](t, conn, "SELECT 1"), 1)
}

// tokens hands out tokens, one after the other and the last one for ever.
type tokens struct {
	mu    sync.Mutex
	queue []string
	asked int
	ctx   context.Context // of the last call
}

func (s *tokens) next(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.queue[min(s.asked, len(s.queue)-1)]
	s.asked++
	s.ctx = ctx
	return token, nil
}

func TestTokenFunc(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	source := &tokens{queue: []string{server.Token(dbtest.ReadWrite)}}
	type key struct{}
	pool, err := db.Open(context.WithValue(t.Context(), key{}, "Open's"), server.URL(), db.WithAuthTokenFunc(source.next))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if got := source.ctx.Value(key{}); got != "Open's" {
		t.Errorf("the function's context has the value %v, want that of the one given to Open", got)
	}
	check(t, "asked by Open", source.asked, 1)
	execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")
	check(t, "asked by statements on the same connection", source.asked, 1)
	for range 3 {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // all are held until the end, so each is another
		check(t, "rows", get[int](t, conn, "SELECT count(*) FROM t"), 1)
	}
	check(t, "asked for three more connections", source.asked, 1)
}

// TestTokenIsRenewed is about a program that outlives its token: the call that meets
// the expired one asks for another, and succeeds.
func TestTokenIsRenewed(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	source := &tokens{queue: []string{server.ExpiredToken(), server.Token(dbtest.ReadWrite)}}
	execute(t, open(t, server.URL(), db.WithAuthTokenFunc(source.next)), "CREATE TABLE t (x)")
	check(t, "asked", source.asked, 2)

	source = &tokens{queue: []string{server.ExpiredToken(), server.ForeignToken()}}
	_, err := db.Open(t.Context(), server.URL(), db.WithAuthTokenFunc(source.next))
	checkKind(t, "two that are refused", err, db.ErrUnauthorized)
}

// TestNoTokenFromFunc is about a server that needs none, and a function that knows.
func TestNoTokenFromFunc(t *testing.T) {
	t.Parallel()
	source := &tokens{queue: []string{""}}
	execute(t, open(t, dbtest.StartServer(t).URL(), db.WithAuthTokenFunc(source.next)), "CREATE TABLE t (x)")
}

func TestTokenFuncFails(t *testing.T) {
	t.Parallel()
	const address = "http://127.0.0.1:1" // which is never asked
	errVault := errors.New("the vault is sealed")
	_, err := db.Open(t.Context(), address, db.WithAuthTokenFunc(func(context.Context) (string, error) {
		return canary, errVault
	}))
	if !errors.Is(err, errVault) {
		t.Errorf("got error %v, want that of the function", err)
	}
	check(t, "error", fmt.Sprint(err), "open "+address+": get the token: the vault is sealed")
	check(t, "kinds", kindsOf(err), "")
	checkText(t, "error", err)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = db.Open(ctx, address, db.WithAuthTokenFunc(func(ctx context.Context) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// TestTokenWithLineEnd is about what reading a token from a file gives.
func TestTokenWithLineEnd(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), "http://127.0.0.1:1", db.WithAuthToken(canary+"\n"))
	if want := "a control character in it, such as a line end"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got error %v, want that there is %s", err, want)
	}
	checkText(t, "error", err)
}

// TestTokenStaysSecret looks for the token where an error might quote a request.
func TestTokenStaysSecret(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"http://127.0.0.1:1",
		"http://127.0.0.1:1/" + "?authToken=" + canary,
		"libsql://127.0.0.1:1",
		"libsql://localhost:1?tls=0&authToken=" + canary,
	} {
		var opts []db.Option
		if !strings.Contains(url, canary) {
			opts = append(opts, db.WithAuthToken(canary))
		}
		_, err := db.Open(t.Context(), url, opts...)
		checkKind(t, db.Redact(url), err, db.ErrUnavailable)

		connector, err := db.NewConnector(url, opts...)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%v %+v %#v", connector, connector, connector); strings.Contains(text, canary) {
			t.Errorf("the connector shows a token: %s", text)
		}
	}
}
