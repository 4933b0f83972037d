//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// pages lists the pages in docs whose commands are run.
var pages = []string{"getting-started.md", "moving.md", "deploying.md", "backup.md", "doctor.md"}

// TestPages runs the blocks of code of each page, in their order, in a new folder:
//
//   - A block of sh is run. All blocks of a page run in one shell, so that cd and variables last.
//   - A block of text is the output of the sh block before it, or some lines of it, in their order. … stands
//     for any text.
//   - A block of another language whose first line is a comment with a path is written to that file.
//
// Ports of 127.0.0.1 are replaced by free ones. After a block that starts a program with & on such a
// port, the page goes on when the program answers. Programs that still run at the end are killed.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles programs, and starts servers")
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env := append(pageEnv(pagePrograms(t, repo)), "REPO="+repo, "SERVERS="+startTurso(t))
	for _, name := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "deploying.md" {
				needOpenSSL(t)
			}
			text, err := os.ReadFile(filepath.Join(repo, "docs", name))
			if err != nil {
				t.Fatal(err)
			}
			if err := runPage(t, string(text), env); err != nil {
				t.Errorf("%s:%v", name, err)
			}
		})
	}
}

// runPage runs a page. The error begins with the line of the block that failed.
func runPage(t *testing.T, page string, env []string) error {
	blocks := readBlocks(withFreePorts(t, page))
	dir := t.TempDir()
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		return err
	}
	defer output.Close()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", shellScript(blocks))
	cmd.Dir = dir
	cmd.Env = env
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	failed := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // programs that were started with &
	text, err := os.ReadFile(output.Name())
	if err != nil {
		return err
	}
	return checkOutput(blocks, string(text), failed)
}

// A block is a block of code of a page.
type block struct {
	line     int // of its fence
	language string
	text     string
}

var blockPattern = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

func readBlocks(page string) (blocks []block) {
	for _, at := range blockPattern.FindAllStringSubmatchIndex(page, -1) {
		blocks = append(blocks, block{
			line:     1 + strings.Count(page[:at[0]], "\n"),
			language: page[at[2]:at[3]],
			text:     page[at[4]:at[5]],
		})
	}
	return blocks
}

var pathComment = regexp.MustCompile(`^(?://|--|#) ([\w./-]+\.\w+)\n`)

// file returns the path that a block is written to, or "".
func (b block) file() string {
	found := pathComment.FindStringSubmatch(b.text)
	if found == nil || b.language == "sh" || b.language == "text" {
		return ""
	}
	return found[1]
}

var portPattern = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// marker precedes the output of a block.
const marker = "=== line "

// shellScript returns the page as a script.
func shellScript(blocks []block) string {
	var script strings.Builder
	script.WriteString("set -eu\n" + standIns)
	for _, b := range blocks {
		fmt.Fprintf(&script, "echo '%s%d'\n", marker, b.line)
		switch {
		case b.file() != "":
			fmt.Fprintf(&script, "mkdir -p \"$(dirname %[1]s)\"\ncat > %[1]s <<'END_OF_BLOCK'\n%[2]sEND_OF_BLOCK\n", b.file(), b.text)
		case b.language == "sh":
			script.WriteString(b.text)
			if strings.HasSuffix(strings.TrimSpace(b.text), "&") {
				for _, address := range portPattern.FindAllString(b.text, -1) {
					fmt.Fprintf(&script, "curl -s -o '%s' --retry 60 --retry-delay 1 --retry-connrefused http://%s/\n", os.DevNull, address)
				}
			}
		}
	}
	return script.String()
}

// withFreePorts replaces each port of 127.0.0.1 by a port that nobody uses.
func withFreePorts(t *testing.T, page string) string {
	free := map[string]string{}
	return portPattern.ReplaceAllStringFunc(page, func(address string) string {
		if free[address] == "" {
			free[address] = freeAddress(t)
		}
		return free[address]
	})
}

// checkOutput compares the output of each sh block with the text block after it. failed is the shell's error.
func checkOutput(blocks []block, output string, failed error) error {
	printed := map[int]string{}
	last := 0
	for part := range strings.SplitSeq(output, marker) {
		var line int
		if _, err := fmt.Sscanf(part, "%d\n", &line); err == nil {
			_, printed[line], _ = strings.Cut(part, "\n")
			last = line
		}
	}
	if failed != nil {
		return fmt.Errorf("%d: %w\n%s", last, failed, printed[last])
	}
	for i, b := range blocks {
		if b.language != "text" {
			continue
		}
		if i == 0 || blocks[i-1].language != "sh" {
			return fmt.Errorf("%d: a block of text that isn't behind a block of sh", b.line)
		}
		if missing := missingLine(printed[blocks[i-1].line], b.text); missing != "" {
			return fmt.Errorf("%d: this line isn't printed, or not in this order: %s\n%s", b.line, missing, printed[blocks[i-1].line])
		}
	}
	return nil
}

// missingLine returns the first line of want that isn't in the output behind the lines before it.
func missingLine(output, want string) string {
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		at := regexp.MustCompile(`(?m)^\s*` + pattern + `\s*$`).FindStringIndex(output)
		if at == nil {
			return line
		}
		output = output[at[1]:]
	}
	return ""
}

// TestPageFailures: a page whose commands or outputs are wrong fails, at the line of the block.
func TestPageFailures(t *testing.T) {
	fence := func(language, text string) string { return "```" + language + "\n" + text + "\n```\n" }
	tests := []struct{ name, page, want string }{
		{"right", "Text\n\n" + fence("sql", "-- a/b.sql\nSELECT 1;") + fence("sh", "cd a\ncat b.sql\necho two words") +
			fence("text", "SELECT 1;\ntwo …") + fence("sh", "test -f b.sql"), ""},
		{"a command fails", "\n" + fence("sh", "true") + fence("sh", "echo before\nfalse\necho after"), "5: exit status 1\nbefore\n"},
		{"another output", fence("sh", "echo one\necho two") + fence("text", "two\none"), "5: this line isn't printed, or not in this order: one\none\ntwo\n"},
		{"part of a line", fence("sh", "echo one two") + fence("text", "one"), "4: this line isn't printed, or not in this order: one\none two\n"},
		{"no output", fence("go", "package a") + fence("text", "one"), "4: a block of text that isn't behind a block of sh"},
		{"unset", fence("sh", "echo $NO_SUCH_VARIABLE"), "1: exit status"},
	}
	for _, test := range tests {
		err := runPage(t, test.page, pageEnv(t.TempDir()))
		got := fmt.Sprint(err)
		if test.want == "" && err != nil || test.want != "" && !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s\nwant %s", test.name, got, test.want)
		}
	}
}
