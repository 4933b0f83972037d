package store

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// TestGormErrors wants GORM to find its own errors behind ours.
func TestGormErrors(t *testing.T) {
	type parent struct {
		ID   int64
		Name string `gorm:"unique"`
	}
	type child struct {
		ID       int64
		ParentID int64
		Parent   parent
	}
	pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	g, err := gorm.Open(sqlite.Dialector{Conn: pool}, &gorm.Config{Logger: logger.Discard, TranslateError: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.AutoMigrate(&parent{}, &child{}); err != nil {
		t.Fatal(err)
	}
	if err := g.Create(&parent{1, "a"}).Error; err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		err  error
		want error
	}{
		{"primary key", g.Create(&parent{1, "b"}).Error, gorm.ErrDuplicatedKey},
		{"unique", g.Create(&parent{2, "a"}).Error, gorm.ErrDuplicatedKey},
		{"foreign key", g.Omit("Parent").Create(&child{ParentID: 7}).Error, gorm.ErrForeignKeyViolated},
	} {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: error %v (%T), want %v", tt.what, tt.err, tt.err, tt.want)
		}
	}
	if err := g.Exec("SELECT * FROM nowhere").Error; err == nil || errors.Is(err, gorm.ErrDuplicatedKey) {
		t.Errorf("no table: error %v", err)
	}
}
