package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestNew runs the scripts in testdata/new. They have the command in $DUOLITE and the PATH in $OLDPATH.
func TestNew(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles programs")
	}
	duolite, err := exec.LookPath("duolite")
	if err != nil {
		t.Fatal(err)
	}
	runScripts(t, "testdata/new", func(env *testscript.Env) {
		env.Setenv("DUOLITE", duolite)
		env.Setenv("OLDPATH", env.Getenv("PATH"))
		if server, err := dbtest.InstallServer(t.Context()); err == nil {
			env.Setenv("DUOLITE_SQLD", server)
		}
	})
}

// TestNewOnServer runs the script in testdata/newserver. It has the URL of a server in $SERVER, a token for
// it in $TOKEN, and an address to listen on in $ADDRESS.
func TestNewOnServer(t *testing.T) {
	srv := dbtest.StartServer(t, dbtest.WithAuth())
	runScripts(t, "testdata/newserver", func(env *testscript.Env) {
		env.Setenv("SERVER", srv.URL())
		env.Setenv("TOKEN", srv.Token(dbtest.ReadWrite))
		env.Setenv("ADDRESS", freeAddress(t))
	})
}

// freeAddress returns an address of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestTemplate: the generated code of new projects is up to date.
func TestTemplate(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a program")
	}
	var stdout, stderr strings.Builder
	args := []string{"check", "-f", "internal/project/template/sqlc.yaml", "--sqlc", sqlcPath(t, "../..")}
	if code := report(&stderr, run(t.Context(), args, os.Stdin, &stdout, &stderr)); code != 0 {
		t.Errorf("exit code %d: run make generate\n%s", code, stderr.String())
	}
}

// TestIsRelease: only a version that can be downloaded is required.
func TestIsRelease(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.2.3":                                   true,
		"v0.0.0-20261201075747-c97af1c01234":       true,
		"v0.0.0-20261201075747-c97af1c01234+dirty": false,
		"(devel)": false,
	} {
		if isRelease(version) != want {
			t.Errorf("isRelease(%q) is %v", version, !want)
		}
	}
}
