package sqltext

import "testing"

func TestSingleRow(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO t (a, b) VALUES (?1, ?2)":                             "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
		"INSERT INTO t VALUES (?, ?)":                                      "INSERT INTO t VALUES (?, ?), (?, ?)",
		"REPLACE INTO t(a)VALUES(lower(@a))":                               "REPLACE INTO t(a)VALUES(lower(?)), (lower(?))",
		"INSERT INTO t VALUES (?1, ?2, ?2)":                                "INSERT INTO t VALUES (?1, ?2, ?2), (?3, ?4, ?4)",
		"INSERT INTO t VALUES (?2, ?1) ON CONFLICT (a) DO NOTHING":         "INSERT INTO t VALUES (?2, ?1), (?4, ?3) ON CONFLICT (a) DO NOTHING",
		"INSERT INTO t VALUES (?3)":                                        "INSERT INTO t VALUES (?3), (?6)",
		"INSERT INTO t VALUES (coalesce(?1, (1)), 'a, (b)') RETURNING (a)": "INSERT INTO t VALUES (coalesce(?, (1)), 'a, (b)'), (coalesce(?, (1)), 'a, (b)') RETURNING (a)",
		"INSERT INTO t VALUES (1)":                                         "INSERT INTO t VALUES (1), (1)",
		"INSERT INTO \"values\" (\"values\") VALUES (?1) -- ?":             "INSERT INTO \"values\" (\"values\") VALUES (?), (?) -- ?",

		"INSERT INTO t VALUES (?1), (?2)":                                      "",
		"INSERT INTO t VALUES (?1) UNION ALL SELECT 1":                         "",
		"INSERT INTO t VALUES (?1) -- once\n EXCEPT SELECT a FROM t":           "",
		"INSERT INTO t VALUES (?1) LIMIT 1":                                    "",
		"INSERT INTO t VALUES (?1); ":                                          "INSERT INTO t VALUES (?), (?)",
		"INSERT INTO t SELECT ?1":                                              "",
		"INSERT INTO t VALUES ((SELECT max(a) FROM t) + ?1)":                   "",
		"INSERT INTO t VALUES (last_insert_rowid(), ?1)":                       "",
		"INSERT INTO t VALUES (?1) ON CONFLICT (a) DO UPDATE SET b = ?2":       "",
		"INSERT INTO t VALUES (?1) RETURNING ?1":                               "",
		"WITH c AS (VALUES (1)) INSERT INTO t VALUES (?1)":                     "",
		"INSERT INTO t DEFAULT VALUES":                                         "",
		"UPDATE t SET a = ?1":                                                  "",
		"SELECT 1":                                                             "",
		"INSERT INTO t (a) VALUES (?1) ON CONFLICT DO UPDATE SET (a) = (1, 2)": "INSERT INTO t (a) VALUES (?), (?) ON CONFLICT DO UPDATE SET (a) = (1, 2)",
	} {
		row, ok := Split(text)[0].SingleRow()
		got := ""
		if ok {
			got = row.Text(2)
			if one := row.Text(1); len(Split(one)) != 1 || len(Split(one)[0].Params) != row.Params() {
				t.Errorf("%s: one row is %s", text, one)
			}
		}
		if got != want {
			t.Errorf("%s\nis   %s\nwant %s", text, got, want)
		}
	}
}
