package cmem

import (
	"bytes"
	"testing"

	"modernc.org/libc"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	var m Memory
	if !m.Grow(tls, 10) || m.Size() < 10 {
		t.Fatalf("size %d after Grow(10)", m.Size())
	}
	before := m.At(0)
	if !m.Grow(tls, m.Size()) || m.At(0) != before {
		t.Error("memory that is long enough was replaced")
	}
	clear(View(m.At(0), m.Size()))
	View(m.At(0), m.Size())[5] = 'x'
	if p := Put(&m, 2, "abc"); p != m.At(2) || !bytes.Equal(View(m.At(0), 6), []byte("\x00\x00abc\x00")) {
		t.Errorf("Put wrote %q", View(m.At(0), 6))
	}
	if m.Trim(tls); m.Size() == 0 {
		t.Error("small memory was freed")
	}
	if !m.Grow(tls, keepSize+1) || !m.Large() {
		t.Errorf("%d bytes aren't large", m.Size())
	}
	if m.Trim(tls); m != (Memory{}) {
		t.Error("large memory was kept")
	}
}

// TestPutTooLarge: what isn't SQLite's to write to is never written to.
func TestPutTooLarge(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	var m Memory
	m.Grow(tls, 256)
	defer m.Free(tls)
	defer func() {
		if recover() == nil {
			t.Error("Put wrote behind the memory")
		}
	}()
	Put(&m, 0, make([]byte, m.Size())) // and no room for the zero byte
}

func double(n int) int { return 2 * n }

func TestFuncAt(t *testing.T) {
	t.Parallel()
	if got := FuncAt[func(int) int](AddressOf(double))(21); got != 42 {
		t.Errorf("got %d, want 42", got)
	}
}

func TestWriteString(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	var m Memory
	m.Grow(tls, 16)
	defer m.Free(tls)
	copy(View(m.At(0), 4), "wxyz")
	WriteString(m.At(0), "ab")
	if got := View(m.At(0), 4); string(got) != "ab\x00z" {
		t.Errorf("got %q", got)
	}
	Store(m.At(8), m.At(3))
	if Load(m.At(8)) != m.At(3) || *As[byte](m.At(3)) != 'z' || Size[[3]byte]() != 3 {
		t.Error("an address is stored wrong")
	}
}
