package db

import (
	"io/fs"
)

// readUp reads the pending migrations, and returns the files in the form that goose runs.
func readUp(files fs.FS, pending []Migration) (renderedFiles, error) {
	rendered := renderedFiles{files, map[string]string{}}
	for _, m := range pending {
		file, err := readMigration(files, m.Name)
		if err == nil {
			err = file.check(file.up)
		}
		if err != nil {
			return renderedFiles{}, err
		}
		rendered.texts[m.Name] = file.render()
	}
	return rendered, nil
}

// readDown is readUp for the migration that is rolled back.
func readDown(files fs.FS, m Migration) (renderedFiles, error) {
	file, err := readMigration(files, m.Name)
	if err == nil {
		err = file.check(file.down)
	}
	if err != nil {
		return renderedFiles{}, err
	}
	return renderedFiles{files, map[string]string{m.Name: file.render()}}, nil
}
