#!/usr/bin/env bash
# Breaks the code that keeps the promises, in one place at a time and in a copy, and
# wants a test to notice each time: make mutants.
#
# With a word, only the mutants that have it in their first field: tools/mutants.sh PRAGMA
#
# A line is: what is broken | file | what is replaced (perl) | package | test
set -euo pipefail
cd "$(dirname "$0")/.."

mutants=$(cat <<'LINES'
a write whose answer was lost is sent again | db/internal/hrana/stream.go | s/again && r\.repeat && isLost/again && isLost/ | ./db/internal/conformance | TestLibSQL$/faults/an_answer_that_is_lost
the outcome of a lost write isn't said to be unknown | db/internal/hrana/run.go | s/writes: kind != sqltext.Read &&/writes: false \&\&/ | ./db/internal/conformance | TestLibSQL$/faults/an_answer_that_is_lost
the outcome of a lost COMMIT isn't said to be unknown | db/internal/hrana/tx.go | s/writes: sql == "COMMIT"/writes: false/ | ./db | TestLostCommit
a statement runs although its transaction is gone | db/internal/hrana/run.go | s/s\.When = wire\.InTransaction/s.When = wire.Always/; s/c\.state\.gone\(\)/false/g; s/c\.state = over\n/_ = 0\n/g | ./db/internal/hrana | Tx|Lost|Stolen|Rollback
a stream that was lost still has its transaction | db/internal/hrana/stream.go | s/case pending, open:\n\t\tc\.state = over/case pending, open:\n\t\tc.state = idle/ | ./db/internal/hrana | .
a statement runs after its transaction was lost | db/internal/contract/tx.go | s/case c\.tx == txLost \|\| c\.tx == rawLost:\n\t\treturn engine\.TxLost\(\)/case false:\n\t\treturn engine.TxLost()/ | ./db | TestLostTransaction
Commit of a lost transaction succeeds | db/internal/contract/tx.go | s/case txLost:\n\t\treturn c\.translate\(engine\.TxLost\(\)\)/case txLost:\n\t\treturn nil/ | ./db | TestLostTransaction
a statement that its context ended leaves the transaction open | db/internal/contract/conn.go | s/ctx\.Err\(\) != nil \|\| !c\.engine\.InTx/false || !c.engine.InTx/ | ./db/internal/conformance | TestSQLite$/lost
COMMIT as text ends a transaction of database/sql | db/internal/contract/tx.go | s/case c\.tx != txNone && controlsTx\(kind\)/case false \&\& controlsTx(kind)/ | ./db/internal/conformance | TestSQLite$/(transactions|scripts)
a transaction that was begun by text stays open in the pool | db/internal/contract/conn.go | s/if c\.engine\.InTx\(\) \{\n\t\tc\.rollBack\(\)\n\t\}\n\treturn !c\.engine\.InTx\(\) && c\.restoreSettings\(\) && c\.engine\.Valid\(\)/return true/ | ./db/internal/conformance | TestSQLite$/(pool|transactions)
InTx runs again after an unknown outcome | db/tx.go | s/if errors\.Is\(err, ErrOutcomeUnknown\) \{\n\t\treturn false/if false {\n\t\treturn false/ | ./db | TestLostCommit
InTx runs again after any error | db/tx.go | s/return errors\.Is\(err, ErrBusy\) \|\| .*\n/return true\n/ | ./db | TestInTx$
InTxOnce forgets its key | db/once.go | s/if err == nil \{\n\t\tif err := (\w+)\.Unmarshal/if false {\n\t\tif err := $1.Unmarshal/ | ./db | TestInTxOnce|TestLostCommit
SQLite runs on after it has rolled back | db/internal/sqlite/tx.go | s/if c\.tx != txNone && !c\.InTx\(\)/if false/ | ./db/internal/sqlite | Tx|Rollback
a page that SQLite has in use makes way for another | db/internal/sqlite/pagecache/methods.go | s/c\.pin\(page\)/c.unpinned--/ | ./db/internal/sqlite/pagecache | TestModel
a new page has what SQLite kept beside the one before | db/internal/sqlite/pagecache/cache.go | s/clear\(cmem\.View\(headerAt\(p\)\.FpExtra, c\.extraSize\)\)// | ./db/internal/sqlite/pagecache | TestModel
a write that is done is made an error of its context | db/internal/sqlite/context.go | s/ && c\.interruptible\(\)// | ./db | TestDoneIsNoError
rows without a goroutine go on after the end of their context | db/internal/contract/conn.go | s/rows\.done = ctx\.Done\(\)\n/_ = 0\n/ | ./db/internal/conformance | TestLibSQL$/cancel/between_two_rows
a read's lock stays when a checkpoint wants it | db/internal/sqlite/filevfs/shm.go | s/r\.log\.release\(tls, first, n, r\.checkpointing\)/_ = n/ | ./db/internal/sqlite | Kept
a connection keeps its read mark for ever | db/internal/sqlite/filevfs/readlock.go | s/ && end-mark <= nearEnd// | ./db/internal/sqlite | TestKeptMarkIsNear
a connection keeps its read mark from its own checkpoints | db/internal/sqlite/filevfs/readlock.go | s/if r\.checkpointing \{/if false {/ | ./db/internal/sqlite | TestKeptLockIsInNobodysWay
a connection keeps its read mark from each checkpoint of others | db/internal/sqlite/filevfs/readlock.go | s/r\.give = true/r.give = false/ | ./db/internal/sqlite | TestCheckpointDuringEachRead
plans depend on the values of arguments | db/internal/sqlite/open.go | s/\n\tplanWithoutStat4\(c\.handle\)// | ./db/internal/sqlite | TestPlannedOnce
a commit stays in the buffer of the log | db/internal/sqlite/filevfs/logbuffer.go | s/if b\.commits \{/if false {/ | ./db/internal/sqlite | TestLogHasEachCommit
a corrected frame stays in the buffer of the log | db/internal/sqlite/filevfs/logbuffer.go | s/\|\| wasUsed/|| wasUsed \&\& false/ | ./db/internal/sqlite | TestLogHasEachCommit
a log is read without the frames in its buffer | db/internal/sqlite/filevfs/logbuffer.go | s/if offset < b\.at\+int64\(b\.n\) && /if false \&\& / | ./db/internal/sqlite | TestLogHasEachCommit|TestLogWriteFails
frames of a rollback stay in the buffer of the log | db/internal/sqlite/filevfs/logbuffer.go | s/b\.n, b\.locked = 0, locked/b.locked = locked/ | ./db/internal/sqlite | TestRolledBackFrames
frames that couldn't be written are forgotten | db/internal/sqlite/filevfs/logbuffer.go | s/rc := diskWrite\((.*)\n\tif rc == sqlite3\.SQLITE_OK \{\n/rc := diskWrite($1\n\t{\n/ | ./db/internal/sqlite | TestLogWriteFails
a commit doesn't learn that the log can't be written | db/internal/sqlite/filevfs/logbuffer.go | s/if b\.commits \{\n\t\treturn b/if b.commits {\n\t\tb/ | ./db/internal/sqlite | TestLogWriteFails
a read's lock stays while nobody reads | db/internal/sqlite/filevfs/readlock.go | s/\} else \{\n\t\t\tr\.release\(tls\)/} else {\n\t\t\t_ = tls/ | ./db | TestReadersInAnotherProcess
a read's lock stays although another process has the log open | db/internal/sqlite/filevfs/readlock_linux.go | s/ \|\| lock\.Type != syscall\.F_UNLCK// | ./db | TestLogOfAnotherProcess
a read's lock stays although another driver has the log open | db/internal/sqlite/filevfs/readlock_linux.go | s/int\(node\.FnRef\) != readers/false/ | ./db/internal/sqlite | TestNoLockIsKeptBesideOthers
an idle client keeps the context of its last request | db/internal/hrana/transport/exchange.go | s/e\.unwatch\(\)/_ = 0/ | ./db/internal/hrana/transport | TestCallerIsForgotten
a statement of a batch runs although the one before it failed | db/internal/hrana/batch_request.go | s/default:\n\t\treturn wire\.AfterOK/default:\n\t\treturn wire.Always/ | ./db/internal/conformance | TestLibSQL$/batch/an_error_names_its_call
a batch commits what is left of it | db/internal/hrana/batch_request.go | s/SQL: "COMMIT", When: wire\.AfterOK/SQL: "COMMIT", When: wire.InTransaction/ | ./db/internal/conformance | TestLibSQL$/batch/an_error_names_its_call
the outcome of a lost batch isn't said to be unknown | db/internal/hrana/batch_request.go | s/writes: !reads && b\.ends\(p\)/writes: false/ | ./db/internal/conformance | TestLibSQL$/batch/an_answer_that_is_lost
a batch of writes whose answer was lost is sent again | db/internal/hrana/batch_request.go | s/repeat: !writes, writes/repeat: true, writes/ | ./db/internal/conformance | TestLibSQL$/batch/an_answer_that_is_lost
a batch that failed stays in its transaction in part | db/internal/contract/batch_run.go | s/set := replies\[0\]\.Done.*\n/set := false\n/ | ./db/internal/conformance | TestSQLite$/batch/an_error_in_a_transaction
a batch that failed on a file is committed | db/internal/engine/batch.go | s/failed && \(around/false \&\& failed \&\& (around/ | ./db/internal/conformance | TestSQLite$/batch/an_error_names_its_call
a token follows a redirect to another host | db/internal/hrana/transport/redirect.go | s/case token && location\.Host != from\.Host/case false/ | ./db/internal/hrana/transport | Redirect
a token follows base_url to another host without TLS | db/internal/hrana/transport/site.go | s/if token && u\.Host != present\.Host/if false \&\& u.Host != present.Host/ | ./db/internal/hrana/transport | Base
a token goes over plain HTTP | db/url.go | s/if u\.Scheme == "https" \|\|/if true ||/ | ./db | Token
a token of the environment goes with a URL of a file | db/env.go | s/if found := file\.find\(\); found\.url != "" \{\n/if found := file.find(); found.url != "" {\n\t\t\tfound.token = environment.tokenFor(found.url, -1)\n/ | ./db | TestEnvTokensStay
a token of a file goes with a URL of the environment | db/env.go | s/if found := environment\.find\(\); found\.url != "" \{\n/if found := environment.find(); found.url != "" {\n\t\tif file, _ := readEnvFile(append(files, "")[0]); file.lookup != nil \&\& found.token == "" {\n\t\t\tfound.token = file.tokenFor(found.url, -1)\n\t\t}\n/ | ./db | TestEnvTokensStay
a token goes with another URL than the one beside it | db/env_source.go | s/beside == "" \|\| sameDatabase/true || beside == "" || sameDatabase/ | ./db | TestEnvTokensStay
a file overrules the environment | db/env.go | s/if found := environment\.find\(\); found\.url != "" \{/if found := environment.find(); found.url != "" \&\& len(files) == 0 {/ | ./db | TestEnvTokensStay
a tracer sees the arguments | db/internal/contract/trace.go | s/!t\.owner\.tracing\.Args \|\| // | ./db/internal/conformance | TestSQLite$/tracing
a tracer sees the parameters of the URL | db/trace.go | s/c\.redacted\(\)/c.libsql.URL + "?"/ | ./db/internal/conformance | TestSQLite$/tracing
an error has control characters | db/internal/engine/oneline.go | s/return Escape\(strings\.Join\((.*?), " "\)\)/return strings.Join($1, " ")/ | ./db/internal/conformance | TestSQLite$/errors/control_characters
a migration turns foreign keys off in a transaction | db/migrate_check.go | s/case name == "foreign_keys" && sets:/case false:/; s/"foreign_keys", "journal_mode"/"journal_mode"/ | ./db | TestMigrationOutsideTransaction
a migration without foreign keys is several requests | db/migrate_render.go | s/if noTx && s\.setsForeignKeys\(\)/if false/ | ./db | TestRebuildTableIsOneRequest
a migration loses its version with its own transaction | db/migrate_goose.go | s/if !versions\[m\.Version\]/if false \&\& !versions[m.Version]/ | ./db | TestMigrationLeavesTransaction
an error shows the token that a server shows | db/internal/hrana/transport/token.go | s/return strings\.ReplaceAll\(text.*/return text/ | ./db/internal/hrana/transport | .
a bulk insert writes floats as short as they can be | db/internal/payload/payload.go | s/'e', 16, 64/'e', -1, 64/ | ./db | TestBulk
a bulk insert keeps what an attempt returned that was undone | db/bulk.go | s/begin: func\(\) \{ results = nil \}/begin: func() {}/; s/begin: func\(\) \{ changed = 0 \}/begin: func() {}/ | ./db | TestBulk
duolite gen writes although there are findings | cmd/duolite/internal/gen/generate.go | s/case len\(found\) > 0:/case false:/ | ./cmd/duolite | TestGen/refused
import takes over a database whose migration failed | cmd/duolite/internal/migrations/adopt.go | s/case dirty:/case false:/ | ./cmd/duolite/internal/migrations | TestAdoptRefused
import writes beside a file with another text | cmd/duolite/internal/migrations/write.go | s/string\(text\) == file\.Text/len(text) > 0/ | ./cmd/duolite/internal/migrations | TestImportWritesAllOrNothing
a verb that only reads makes a file | cmd/duolite/readonly.go | s/params\.Set\("mode", "ro"\)/_ = 0/ | ./cmd/duolite | TestReadOnly
an iterator is written for what isn't known | cmd/duolite/internal/seq/shape.go | s/if !matchesOne\(want, stmt, found\)/if false/ | ./cmd/duolite/internal/seq | TestUnknown
LastInsertId is of an earlier statement | db/internal/sqlite/count.go | s/rowid != before\.rowid \|\| s\.inserted\(\)/true/ | ./db | TestStoresWhatSQLiteStores
a number of ours is where SQL reads the last rowid | db/internal/sqlite/count.go | s/(before\.rowid = .*\n)/$1\t\tsqlite3.Xsqlite3_set_last_insert_rowid(c.tls, c.handle, -77)\n/ | ./db | TestStoresWhatSQLiteStores
a row that a trigger inserted counts as the statement's | db/internal/sqlite/count.go | s/ && runsItself\(c\.handle, c\.stepping\)// | ./db/internal/sqlite | TestRowsAffectedAndID
values that no wrapper has checked are sent as they are | db/internal/contract/start.go | s/if c\.checked != len\(args\)/if false/ | ./db | TestUncheckedValues
connections of one URL don't belong together | db/driver_open.go | s/c\.all\[url\] = s\n/_ = s\n/ | ./db | TestDriverOpen
a PRAGMA is carried out before its transaction begins | db/internal/contract/start.go | s/(func \(c \*conn\) start\(.*\n)/$1\tif ready == nil {\n\t\tif early, err := c.engine.Prepare(ctx, statement); err == nil {\n\t\t\tearly.Close()\n\t\t}\n\t}\n/ | ./db/internal/conformance | TestSQLite$/settings
foreign keys are turned off in a transaction without a word | db/internal/contract/pragma.go | s/case p\.Name == "foreign_keys" && inTx:/case false:/ | ./db/internal/conformance | TestSQLite$/settings
a setting stays with its connection | db/internal/contract/conn.go | s/ && c\.restoreSettings\(\)// | ./db/internal/conformance | TestSQLite$/settings
a statement runs without the settings that its server has lost | db/internal/hrana/stream.go | s/c\.lost = c\.lost \|\| c\.keep/_ = 0/; s/r\.bound \|\| c\.keep/r.bound/; s/case c\.keep && !r\.bound && isStreamGone\(err\)/case false/ | ./db/internal/conformance | TestLibSQL$/faults/settings
BEGIN through a pool of several connections is no transaction | db/internal/contract/texttx.go | s/if t == nil \|\| t\.conn == c/if true || t.conn == c/ | ./db/internal/conformance | TestSQLite$/transactions
a schema database is taken for one with transactions | db/internal/hrana/probe.go | s/return \(c\.state == pending .*/return false/; s/HasPrefix\(failed\.Message, schemaError\)/HasPrefix(failed.Message, schemaError+"x")/ | ./db/internal/hrana | TestSchemaDatabase
a time that was read is sent back in another form | db/dbtype/form.go | s/return f, found && f\.fits\(t\)/return f, false \&\& found/ | ./db/dbtype | TestReadIsSentBack/file
a whole second has a fraction | db/dbtype/form.go | s/case nanosecond == 0:\n\t\treturn 0/case nanosecond == 0:\n\t\treturn 3/ | ./db/dbtype | TestReadIsSentBack/file
a file that is gone goes on being written | db/internal/sqlite/watch.go | s/w\.failed = w\.checkFile\(\)/w.failed = nil/g | ./db | TestMovedFile
an import sets SQLite's page cache | db/internal/sqlite/pagecache/install.go | s/var Install = /var _ = Install()\n\nvar Install = / | ./db | TestProcessIsLeftAlone
a page cache that another package has set is replaced | db/internal/sqlite/pagecache/install.go | s/ \|\| !isDefault\(methods\)// | ./db/internal/sqlite | TestProcess
another driver's pages are in our page cache | db/internal/sqlite/pagecache/methods.go | s/if _, ours := users\.Load\(tls\); !ours/if false/ | ./db/internal/sqlite | TestProcess
a plain pool keeps read locks | db/internal/sqlite/filevfs/filevfs.go | s/cmem\.AddressOf\(openPlain\)/cmem.AddressOf(open)/ | ./db/internal/sqlite | TestProcess
a plain pool has the page cache | db/internal/sqlite/process.go | s/!c\.cfg\.Plain && pagecache/pagecache/ | ./db | TestProcessIsLeftAlone
a name in double quotes is a string | db/internal/sqlite/quotes.go | s/value := int32\(0\)/value := int32(1)/ | ./db | TestDoubleQuotedStrings
a call of a batch begins after Run has returned | db/batch_call.go | s/c\.begun = !c\.run\.stopped/c.begun = true/ | ./db | TestNoCallBegins
a year is taken for a time | db/dbtype/number.go | s/1 <= n && n <= 9999/false/ | ./db/dbtype | .
a read on a replica of a server may miss the pool's own write | db/internal/hrana/index.go | s/q\.Index, _ = c\.db\.index\.Last\(\)/q.Index = 0/ | ./db/internal/hrana | TestReadYourWrites
a canceled question for the index leaves its transaction open | db/internal/hrana/index.go | s/c\.drop\(\) \/\/ also.*\n// | ./db/internal/hrana | TestAskIndexCanceled
the reply to a long batch has no index | db/internal/hrana/index.go | s/q\.WantIndex = true/_ = q/ | ./db/internal/hrana | TestBatchIndex
a COMMIT without a transaction isn't said to be lost | db/internal/hrana/tx.go | s/c\.state == idle && e\.Code == engine\.CodeError/false/ | ./db/internal/hrana | TestCommitWithoutTransaction
the encodings of a server differ in infinities | db/internal/hrana/wire/value.go | s/case math\.IsInf\(f, 0\):/case false:/ | ./db/internal/hrana | TestCodecs
a skipped step of the probe is taken for success | db/internal/hrana/probe.go | s/failed == nil && skipped/failed == nil \&\& skipped \&\& false/ | ./db/internal/hrana | TestProbe
a read on a replica of a server may miss a write whose answer was lost | db/internal/hrana/index.go | s/x\.Lost\(\)\n\t\}\n\treturn rep/_ = x\n\t}\n\treturn rep/ | ./db/internal/hrana | TestReadYourWrites
a read of a replica misses a write whose answer was lost | db/internal/hrana/index.go | s/return last, x\.known\.Load\(\) >= x\.lost\.Load\(\)/return last, true/ | ./db/internal/soak | TestReplicaOwnWrites/lost
a read of a replica doesn't wait for the write before it | db/internal/replica/follow.go | s/f\.next\.Load\(\) <= last/last == 0/ | ./db/internal/soak | TestReplicaOwnWrites/late
a replica follows a server that was restored | db/internal/replica/apply.go | s/case a\.next == 0 \|\| a\.session\.Same\(a\.verified\):/case true:/ | ./db/internal/soak | TestReplicaHistories/restored
a replica mixes a snapshot with another history | db/internal/replica/apply_frames.go | s/if pos\.Next > 0 \{/if false {/ | ./db/internal/replica | TestRestoredWithinSnapshot
a replica's position is ahead of its content | db/internal/replica/apply_frames.go | s/localfile\.Position\{Next: a\.next, Checksum: frame/localfile.Position{Next: a.next + 1, Checksum: frame/ | ./db/internal/soak | TestReplicaPowerCut
a read of a replica waits for a connection that is dead | db/internal/replica/follow.go | s/w\.timer\.Reset\(patience\)/_ = patience/ | ./db/internal/replica | TestSilentConnection
transactions that a replica has missed are shown one by one | db/internal/replica/apply_frames.go | s/ && a\.next >= a\.session\.Next// | ./db/internal/replica | TestCatchUpIsOneTransaction
a replica's first copy is committed before the disk has it | db/internal/replica/localfile/fresh.go | s/raw\.Sync\(\); err/error(nil); err/ | ./db/internal/replica/localfile | TestFreshCopyIsOnDisk
a checkpoint cuts a replica's first copy off | db/internal/replica/localfile/fresh.go | s/return size == 0, err/return size >= 0, err/ | ./db/internal/replica/localfile | TestFreshCopyThroughLog
a replica's first copy has pages of the attempt before | db/internal/replica/localfile/fresh.go | s/return f\.raw\.Truncate\(PageSize\)/return nil/ | ./db/internal/replica/localfile | TestFreshCopyCut
a replica's schema version returns | db/internal/replica/localfile/position.go | s/uint32\(pos\.Epoch\)/uint32(pos.Epoch%2)/ | ./db/internal/replica/localfile | TestVersionsOfTheSchema
a replica keeps pages that the server has dropped | db/internal/replica/localfile/tx.go | s/case size > 0 && size < tx\.size/case false/ | ./db/internal/replica/localfile | TestReplicate
two processes write a replica against each other | db/internal/replica/localfile/tx.go | s/is != at \|\| ok != has/is != is \|\| ok != ok/ | ./db/internal/replica/localfile | TestTwoProcesses
another program can write a replica | db/internal/replica/localfile/tx.go | s/= filevfs\.ReadOnlyVersion, readWAL/= min(filevfs.ReadOnlyVersion, readWAL), readWAL/ | ./db/internal/replica/localfile | TestWriteProtection
a replica's connection remembers pages that were replaced | db/internal/replica/localfile/tx.go | s/return f\.run\(ctx, "PRAGMA shrink_memory"\)/return nil/ | ./db/internal/replica/localfile | TestReplicate
a dynamic statement is changed in its select list | internal/decide/query.go | s/core\.selects, core\.list = true, c/core.selects, core.list = true, c\n\t\t\tedits = append(edits, p.inside(c.from, c.to)...)/ | ./db | TestDynamicRandom/file
a dynamic statement sorts by an alias | internal/decide/order.go | s/ \|\| p\.mayBeAlias\(/ || false \&\& p.mayBeAlias(/ | ./db | TestDynamicRandom/file
a dynamic statement sorts by the collation of a column | internal/decide/order.go | s/\{expression, added\(" COLLATE BINARY"\)\}/{expression}/g | ./db | TestDynamicRandom/file
a dynamic statement compares a large integer as a float | internal/decide/value.go | s/return compareIntFloat\(i, b\.\(float64\)\)/return cmp.Compare(float64(i), b.(float64))/; s/return -compareIntFloat\(k, a\.\(float64\)\)/return cmp.Compare(a.(float64), float64(k))/ | ./db | TestDynamicRandom/file
a dynamic statement takes TRUE for a literal | internal/decide/parse.go | s/case t\.word == "null":/case t.word == "true":\n\t\treturn operand{value: int64(1)}, i + 1, true\n\tcase t.word == "null":/ | ./db | TestDynamicRandom/file
a dynamic statement takes NULL for FALSE under NOT | internal/decide/render.go | s/if o == isNull && nullIsFalse/if o == isNull/ | ./db | TestDynamicRandom/file
a CAST in a dynamic statement converts | internal/decide/operand.go | s/args\[o\.param\] == nil \|\| o\.cast\.keeps\(args\[o\.param\]\)/true/ | ./internal/decide | TestVariant
a parameter of a variant gets another argument | internal/decide/plan.go | s/dst = append\(dst, args\[from\]\)/dst = append(dst, args[len(dst)])/ | ./db | TestDynamicRandom/file
AND of BETWEEN separates conditions | internal/decide/condition.go | s/between\+\+/_ = between/ | ./db | TestDynamicRandom/file
the set-up of a connection turns the write-ahead log off | db/internal/contract/setup.go | s/"journal_mode": .*\n// | ./db | TestAfterConnectRefuses
the set-up of a connection waits for a writer | db/internal/sqlite/tx.go | s/c\.hasTurn \|\| c\.settingUp/c.hasTurn/ | ./db | TestAfterConnectBesideWriter
the set-up of a connection is lost when a program has set it | db/internal/contract/pragma.go | s/case c\.settingUp:\n\t\treturn checkSetUp\(p\)\n// | ./db | TestAfterConnect$
a statement whose collation panicked is committed | db/internal/sqlite/collation.go | s/c\.broken \|\| c\.misled/c.broken/ | ./db | TestCollationPanics
a statement whose collation panicked stays in its transaction | db/internal/sqlite/collation.go | s/_ = c\.runOwn\(rollback\)/_ = rollback/; s/sqlite3\.Xsqlite3_interrupt\(tls, c\.handle\)/_ = tls/ | ./db | TestCollationPanics
a statement whose function ended its goroutine is committed | db/internal/sqlite/collation.go | s/c\.broken \|\| c\.misled/c.misled/ | ./db | TestFunctionEndsGoroutine
an aggregate is kept after its statement | db/internal/sqlite/function_call.go | s/delete\(r\.c\.aggregates, .*\n/_ = p\n/ | ./db/internal/sqlite | TestFunctionsLeaveNothing
an error of a function makes database/sql repeat the statement | db/internal/sqlite/function_call.go | s/if errors\.Is\(failed, driver\.ErrBadConn\)/if false/ | ./db | TestFunctionErrors
a late request of a copy is stored again | db/internal/copydb/mark.go | s/step = CASE step WHEN \?1 THEN \?1 \+ 1 END/step = ?1 + 1/ | ./db/internal/copydb | TestStepOnce
a copy isn't marked as unfinished | db/internal/copydb/mark.go | s/(dropMark    = )"DROP TABLE " \+ markTable/$1"SELECT 1"/ | ./db | TestCopyInterrupted
a copy isn't compared | db/internal/copydb/compare.go | s/case !bytes\.Equal\(/case false \&\& !bytes.Equal(/ | ./db | TestCopyOfChanges
a copy sees changes of its source | db/internal/copydb/copydb.go | s/from\.Begin\(ctx, engine\.Read\)/error(nil)/ | ./db | TestCopySnapshot
a copy ignores the collation of a key | db/internal/copydb/columns.go | s/text\(row\[3\]\), row\[2\]/"", row[2]/ | ./db | TestCopyIsExact
a copy ignores the direction of a key | db/internal/copydb/columns.go | s/row\[2\] != int64\(0\)\}\)/false})/ | ./db/internal/copydb | TestPlans
a copy leaves the rowids out | db/internal/copydb/columns.go | s/t\.columns, t\.implicit = slices\.Insert\(t\.columns, 0, rowid\), true\n\tt\.keys = \[\]key\{\{column: 0\}\}/t.columns = append(t.columns[:0:0], t.columns...)\n\tt.keys = []key{{column: 0}}/ | ./db | TestCopyIsExact
a copy ends at the last row of a query | db/internal/copydb/read.go | s/rest && c\.len\(\) == 0/false/ | ./db/internal/copydb | TestReader
a copy leaves out what comes behind text that isn't UTF-8 | db/internal/copydb/copydb.go | s/errors\.Is\(err, engine\.ErrUnsendable\) && !c\.careful/false/ | ./db | TestCopyIsExact
a copy writes before it knows the sizes of the rows | db/internal/copydb/begin.go | s/if large > 0/if false/ | ./db | TestCopyRefused
a copy writes before it knows the functions | db/internal/copydb/begin.go | s/err := j\.try\(ctx\); err != nil/false/ | ./db | TestCopyRefused
a backup replaces a file | db/internal/backup/place.go | s/case err == nil && !replace:/case false:/; s/if !replace \{/if false {/ | ./db | TestBackupRefused
a backup isn't one moment | db/internal/backup/pages.go | s/from\.Begin\(ctx, engine\.Read\)/error(nil)/ | ./db | TestBackupOfWriters
a backup isn't checked | db/internal/backup/check.go | s/found != "ok"/false/ | ./db | TestBackupRefused
a restored file gets the log of another one | db/internal/backup/place.go | s/range sidecars \{\n\t\tif err := os\.Remove/range sidecars[:0] {\n\t\tif err := os.Remove/ | ./db | TestBackupRefused
a restore replaces a file that is in use | db/internal/sqlite/occupy.go | s/"PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"// | ./db | TestRestore
LINES
)

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$copy"
cd "$copy"
export GOFLAGS=-mod=readonly CGO_ENABLED=0
survivors=0
while IFS='|' read -r what file change rest; do
  # A change may have | in it, and so may a test; the package is the field with ./
  line="$what|$file|$change|$rest"
  what=$(sed 's/ *|.*//' <<< "$line")
  [[ $what == *"${1:-}"* ]] || continue
  file=$(sed 's/^[^|]*| *//; s/ *|.*//' <<< "$line")
  tail=${line#*|*| }
  package=$(grep -o '| \./[a-z/]* |' <<< "$line" | tail -1 | tr -d '| ')
  change=${tail%" | $package | "*}
  test=${tail#*" | $package | "}
  cp "$file" "$copy/original"
  perl -0pi -e "$change" "$file"
  if cmp -s "$file" "$copy/original"; then
    echo "NOTHING TO BREAK: $what"
    survivors=$((survivors + 1))
  elif go test -count=1 -timeout 5m -run "$test" "$package" > "$copy/log" 2>&1; then
    echo "NOT NOTICED: $what"
    survivors=$((survivors + 1))
  elif grep -q 'build failed\|setup failed' "$copy/log"; then
    echo "DOESN'T COMPILE: $what"; grep -m3 '\.go:' "$copy/log"
    survivors=$((survivors + 1))
  else
    echo "noticed by $(grep -o -e '--- FAIL: [^ ]*' "$copy/log" | tail -1 | sed 's/.*FAIL: //'): $what"
  fi
  cp "$copy/original" "$file"
done <<< "$mutants"
test "$survivors" = 0
