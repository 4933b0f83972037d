package examples_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	_ "github.com/duolite/duolite/db/sqlitevec"
)

// The statements of docs/vectors.md: a search over all rows, and one by an index.
const (
	nearestOnFile = "SELECT id, vec_distance_cosine(embedding, ?1) AS distance FROM docs ORDER BY distance LIMIT ?2"

	nearestOnServer = "SELECT id, vector_distance_cos(embedding, ?1) AS distance FROM docs ORDER BY distance LIMIT ?2"

	indexOnFile = `
CREATE VIRTUAL TABLE docs_index USING vec0 (id INTEGER PRIMARY KEY, embedding float[3] distance_metric=cosine);
INSERT INTO docs_index SELECT id, embedding FROM docs;
CREATE TRIGGER docs_insert AFTER INSERT ON docs BEGIN
    INSERT INTO docs_index VALUES (new.id, new.embedding);
END;
CREATE TRIGGER docs_update AFTER UPDATE OF embedding ON docs BEGIN
    UPDATE docs_index SET embedding = new.embedding WHERE id = new.id;
END;
CREATE TRIGGER docs_delete AFTER DELETE ON docs BEGIN
    DELETE FROM docs_index WHERE id = old.id;
END;`

	indexOnServer = "CREATE INDEX docs_index ON docs (libsql_vector_idx(embedding, 'metric=cosine'))"

	byIndexOnFile = "SELECT id, distance FROM docs_index WHERE embedding MATCH ?1 AND k = ?2 ORDER BY distance"

	byIndexOnServer = `
SELECT docs.id, vector_distance_cos(docs.embedding, ?1) AS distance
FROM vector_top_k('docs_index', ?1, ?2) AS top JOIN docs ON docs.rowid = top.id ORDER BY distance`
)

// TestVectors runs the statements of docs/vectors.md on a file, in memory, and on a server.
func TestVectors(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		nearest, index, byIndex := nearestOnServer, indexOnServer, byIndexOnServer
		if d.Local() {
			nearest, index, byIndex = nearestOnFile, indexOnFile, byIndexOnFile
		}
		exec := func(text string, args ...any) {
			t.Helper()
			if _, err := pool.ExecContext(t.Context(), text, args...); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		exec("CREATE TABLE docs (id INTEGER PRIMARY KEY, embedding f32_blob(3) NOT NULL)")
		for _, v := range []dbtype.Vector{{1, 0, 0}, {0, 1, 0}, {0.6, 0.8, 0}} {
			exec("INSERT INTO docs (embedding) VALUES (?)", v)
		}
		query := dbtype.Vector{0.8, 0.6, 0}
		wantIDs(t, pool, "3 1", nearest, query, 2)
		exec(index)
		wantIDs(t, pool, "3 1", byIndex, query, 2)
		exec("INSERT INTO docs (embedding) VALUES (?)", query)
		if _, err := pool.ExecContext(t.Context(), "INSERT INTO docs (embedding) VALUES (?)", query[:2]); err == nil {
			t.Error("the index takes a vector of another length")
		}
		exec("DELETE FROM docs WHERE id = 3")
		exec("UPDATE docs SET embedding = ? WHERE id = 2", dbtype.Vector{0.7, 0.7, 0})
		wantIDs(t, pool, "4 2 1", byIndex, query, 3)
		wantIDs(t, pool, "4 2 1", nearest, query, 3)
	})
}

// TestVectorsOfReplica: the server's functions run on the server, and sqlite-vec's on the copy.
func TestVectorsOfReplica(t *testing.T) {
	server := dbtest.StartServer(t)
	pool, err := db.Open(t.Context(), server.URL()+"?replica="+t.TempDir()+"/copy.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	for _, text := range []string{
		"CREATE TABLE docs (id INTEGER PRIMARY KEY, embedding f32_blob(3) NOT NULL)",
		"INSERT INTO docs (embedding) VALUES (vector32('[1, 0, 0]')), (vector32('[0, 1, 0]')), (vector32('[0.6, 0.8, 0]'))",
		indexOnServer,
	} {
		if _, err := pool.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	query := dbtype.Vector{0.8, 0.6, 0}
	for _, text := range []string{nearestOnServer, byIndexOnServer, nearestOnFile} {
		wantIDs(t, pool, "3 1", text, query, 2)
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO docs (embedding) VALUES (?)", query); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, pool, "4 3", nearestOnFile, query, 2)
	wantIDs(t, pool, "4 3", byIndexOnServer, query, 2)
	server.Stop()
	wantIDs(t, pool, "4 3", nearestOnFile, query, 2)
}

func wantIDs(t *testing.T, pool *sql.DB, want, query string, args ...any) {
	t.Helper()
	got, err := ids(t.Context(), pool, query, args...)
	if err != nil || strings.Trim(fmt.Sprint(got), "[]") != want {
		t.Errorf("%s: got %v, %v, want %s", query, got, err, want)
	}
}

func ids(ctx context.Context, pool *sql.DB, query string, args ...any) (all []int64, err error) {
	rows, err := pool.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var distance float64
		if err := rows.Scan(&id, &distance); err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, rows.Err()
}

// BenchmarkVectors searches 100,000 vectors of 128 numbers for the nearest 10, and then by an index. A server has 10,000
// vectors in its index, which it takes long to build.
func BenchmarkVectors(b *testing.B) {
	b.Run("file", func(b *testing.B) {
		index := strings.Replace(indexOnFile, "float[3]", "float[128]", 1)
		benchmarkVectors(b, b.TempDir()+"/app.db", nearestOnFile, index, byIndexOnFile, 100_000)
	})
	b.Run("server", func(b *testing.B) {
		benchmarkVectors(b, dbtest.StartServer(b).URL(), nearestOnServer, indexOnServer, byIndexOnServer, 10_000)
	})
}

func benchmarkVectors(b *testing.B, url, nearest, index, byIndex string, indexed int) {
	pool, err := db.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pool.Close() })
	fillVectors(b, pool, 100_000, 317) // 317 * 317 is enough
	query := randomVector(128)
	search := func(b *testing.B, text string) {
		for b.Loop() {
			if found, err := ids(b.Context(), pool, text, query, 10); err != nil || len(found) != 10 {
				b.Fatal(len(found), err)
			}
		}
	}
	b.Run("100000", func(b *testing.B) { search(b, nearest) })
	makeIndex := sync.OnceValue(func() error {
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
		defer cancel()
		_, err := pool.ExecContext(ctx, "DELETE FROM docs WHERE id > ?", indexed)
		if err == nil {
			_, err = pool.ExecContext(ctx, index)
		}
		b.Logf("the index of %d vectors took %.1f s", indexed, time.Since(began).Seconds())
		return err
	})
	b.Run(fmt.Sprintf("index-%d", indexed), func(b *testing.B) {
		if err := makeIndex(); err != nil {
			b.Fatal(err)
		}
		search(b, byIndex)
	})
}

// fillVectors makes rows vectors in the database itself: each has two of the parts, which are vectors of 64 numbers.
func fillVectors(b *testing.B, pool *sql.DB, rows, parts int) {
	b.Helper()
	ctx := context.Background()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE parts (part BLOB NOT NULL); CREATE TABLE docs (id INTEGER PRIMARY KEY, embedding f32_blob(128) NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	err := db.InTx(ctx, pool, func(tx *sql.Tx) error {
		for range parts {
			if _, err := tx.ExecContext(ctx, "INSERT INTO parts VALUES (?)", randomVector(64)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO docs (embedding) SELECT CAST(p.part || q.part AS BLOB) FROM parts AS p, parts AS q LIMIT ?", rows)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func randomVector(numbers int) dbtype.Vector {
	v := make(dbtype.Vector, numbers)
	for i := range v {
		v[i] = rand.Float32()*2 - 1
	}
	return v
}
