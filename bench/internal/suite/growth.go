package suite

import (
	"context"
	"path/filepath"
)

// growing is duolite with the tables of its example.
var growing = Contestant{Name: Ours, Program: "duolite", Way: "marks"}

func (p Plan) growth() []Workload {
	return []Workload{
		{Name: "lookup", Rows: 1, Title: "find a bookmark by its URL", Time: p.Time},
		{Name: "first-page", Rows: 50, Title: "the first page of `marks list`, 50 rows", Time: p.Time},
		{Name: "page", Rows: 50, Title: "a page from the middle, 50 rows", Time: p.Time},
		{Name: "search", Rows: 20, Title: "full-text search for a word that 20 rows have", Time: p.Time},
		{Name: "import", Rows: 100, Title: "import 100 bookmarks with their tags", Time: p.Time},
	}
}

// growth runs duolite at each size, in turns.
func (s *session) growth(ctx context.Context) error {
	if !s.wantsAny("growth", s.plan.growth(), []Contestant{growing}) {
		return nil
	}
	command := s.command(ctx, growing)
	if command == nil {
		return nil
	}
	files := make(map[int]string)
	for _, size := range s.plan.Sizes {
		var err error
		if files[size], err = s.marksSeed(ctx, size); err != nil {
			return err
		}
	}
	for round := 1; round <= s.plan.Rounds; round++ {
		for _, w := range s.plan.growth() {
			for _, size := range s.plan.Sizes {
				w.Seeded = size
				path := files[size]
				if w.Name == "import" { // it changes the file
					path = filepath.Join(s.dir, "run.db")
					if err := copyFile(path, files[size]); err != nil {
						return err
					}
				}
				s.keep(Run{Section: "growth", Workload: w.Name, Title: w.Title, Contestant: growing.Name, Round: round, Rows: w.Rows, Size: size,
					Result: run(ctx, command, growing, w, path, nil, false)})
				if w.Name == "import" {
					removeDatabase(path)
				}
				if err := ctx.Err(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
