package walog

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// The files in testdata are bodies of answers of sqld 0.24.32: to Hello, the first three frames of
// LogEntries, and the Snapshot of the same log after four more frames of page 2.

func vector(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVectorHello(t *testing.T) {
	t.Parallel()
	s, err := answering(t, vector(t, "hello.bin")).Hello(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if *s.token != "05e07104-467c-65f5-206a-2dd081f0ce07" {
		t.Error("another session token")
	}
	s.token = nil
	if want := (Session{LogID: "0f459031-592f-4356-b35f-b54d3bdeec9f", Next: 3}); *s != want {
		t.Errorf("got %+v, want %+v", *s, want)
	}
}

func TestVectorEntries(t *testing.T) {
	t.Parallel()
	frames, err := collect(answering(t, vector(t, "entries.bin")).Entries(t.Context(), session(), 0, 3))
	if err != nil || len(frames) != 3 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	var chain Chain
	for i, want := range []Frame{
		{No: 0, Page: 1, Checksum: frames[0].Checksum},
		{No: 1, Page: 2, Checksum: frames[1].Checksum, SizeAfter: 2, CommitTime: frames[1].CommitTime},
		{No: 2, Page: 2, Checksum: frames[2].Checksum, SizeAfter: 2, CommitTime: frames[2].CommitTime},
	} {
		f := frames[i]
		if err := chain.Extend(&f); err != nil || chain.Sum != f.Checksum {
			t.Errorf("frame %d: %v, sum %x", i, err, chain.Sum)
		}
		f.Data, f.More = nil, false
		if f.No != want.No || f.Page != want.Page || f.SizeAfter != want.SizeAfter || f.Commit() != (i > 0) {
			t.Errorf("got %+v, want %+v", f, want)
		}
		day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
		if f.Commit() != f.CommitTime.After(day) || f.CommitTime.After(day.AddDate(0, 0, 1)) {
			t.Errorf("frame %d: commit time %v", i, f.CommitTime)
		}
	}
	if !bytes.HasPrefix(frames[0].Data, []byte("SQLite format 3\x00")) || !bytes.HasSuffix(frames[2].Data, []byte("first")) ||
		!bytes.Contains(frames[2].Data, []byte("second")) || bytes.Contains(frames[1].Data, []byte("second")) {
		t.Error("other pages")
	}
}

func TestVectorSnapshot(t *testing.T) {
	t.Parallel()
	frames, err := collect(answering(t, vector(t, "snapshot.bin")).Snapshot(t.Context(), session(), 0))
	if err != nil || len(frames) != 2 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	first, last := frames[0], frames[1]
	if first.No != 6 || first.Page != 2 || first.Commit() || last.No != 0 || last.Page != 1 || last.SizeAfter != 2 {
		t.Errorf("got frames %d and %d", first.No, last.No)
	}
	entries, err := collect(answering(t, vector(t, "entries.bin")).Entries(t.Context(), session(), 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	if last.Checksum != entries[0].Checksum || !bytes.Equal(last.Data, entries[0].Data) {
		t.Error("the last frame isn't the log's first one")
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	frames, err := collect(answering(t, vector(t, "entries.bin")).Entries(t.Context(), session(), 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	second, third := frames[1], frames[2]
	diverges := func(what string, c Chain, f Frame) {
		t.Helper()
		sum := c.Sum
		if err := c.Extend(&f); !errors.Is(err, ErrDiverged) || c.Sum != sum {
			t.Errorf("%s: %v", what, err)
		}
	}
	chain := Chain{frames[0].Checksum}
	diverges("a frame is missing", chain, third)
	damaged := second
	damaged.Data = bytes.Clone(second.Data)
	damaged.Data[4000] ^= 1
	diverges("a bit is wrong", chain, damaged)
	damaged = second
	damaged.Checksum ^= 1 << 63
	diverges("the checksum is wrong", chain, damaged)
	if err := chain.Extend(&second); err != nil {
		t.Error(err)
	}
	// The first frame has a checksum without a history, as a frame after a compaction.
	if err := chain.Extend(&frames[0]); err != nil {
		t.Errorf("a new chain: %v", err)
	}
	if err := chain.Extend(&second); err != nil {
		t.Errorf("after the new chain: %v", err)
	}
}

// TestFrameAllocations reads frames without allocating memory.
func TestFrameAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates memory")
	}
	body := bytes.Repeat(vector(t, "entries.bin"), 100)
	source := bytes.NewReader(body)
	m := newMessages(source)
	var f Frame
	var chain Chain
	got := testing.AllocsPerRun(90, func() {
		for range 3 {
			message, err := m.next()
			if err != nil {
				t.Fatal(err)
			}
			if err := f.decode(message); err != nil {
				t.Fatal(err)
			}
			if err := chain.Extend(&f); err != nil {
				t.Fatal(err)
			}
		}
	})
	if got != 0 {
		t.Errorf("%v allocations for three frames", got)
	}
}

// TestMore reads messages that arrive in portions.
func TestMore(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer r.Close()
	m := newMessages(r)
	two := append(message([]byte("one")), message([]byte("two"))...)
	go func() {
		w.Write(append(two, 0, 0, 0)) // and a part of the prefix of the third
		w.Write([]byte{0, 5, 't', 'h', 'r'})
		w.Write(append([]byte("ee"), trailer(0, "")...))
		w.Close()
	}()
	for _, want := range []struct {
		text string
		more bool
	}{{"one", true}, {"two", false}, {"three", true}} {
		got, err := m.next()
		if err != nil || string(got) != want.text || m.more() != want.more {
			t.Errorf("got %q, more %v, %v; want %v", got, m.more(), err, want)
		}
	}
	if _, err := m.next(); err != io.EOF || !m.atEnd() {
		t.Errorf("at the end: %v", err)
	}
}
