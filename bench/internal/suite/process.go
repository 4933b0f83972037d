package suite

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/duolite/duolite/bench/internal/work"
)

// runTime limits a run; a longer run hangs.
const runTime = time.Minute

// run starts a contestant for one workload and returns its result. A remote contestant signals
// the begin and end of the measured part, and the proxy counts the traffic in between.
func run(ctx context.Context, command []string, c Contestant, w Workload, target string, p *proxy, remote bool) work.Result {
	ctx, cancel := context.WithTimeout(ctx, w.Time+runTime)
	defer cancel()
	args := append(command[1:len(command):len(command)],
		"-way", c.Way, "-workload", w.Name, "-target", target,
		"-for", strconv.FormatFloat(w.Time.Seconds(), 'f', -1, 64)+"s",
		"-rows", strconv.Itoa(w.Rows), "-seeded", strconv.Itoa(w.Seeded))
	if w.Wide {
		args = append(args, "-cache", strconv.Itoa(CacheMB), "-notes", "wide")
	}
	if w.Rate > 0 {
		args = append(args, "-rate", strconv.Itoa(w.Rate))
	}
	if c.Settings != "" {
		args = append(args, "-settings", c.Settings)
	}
	if remote {
		args = append(args, "-signals=true")
	}
	cmd := exec.CommandContext(ctx, command[0], args...)
	cmd.Stderr = os.Stderr
	result, err := converse(cmd, p)
	if err != nil {
		return work.Result{Error: err.Error()}
	}
	return result
}

// converse starts a program, answers its signals, and reads its result.
func converse(cmd *exec.Cmd, p *proxy) (result work.Result, err error) {
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		return result, err
	}
	var before, after traffic
	lines := bufio.NewScanner(stdout)
	var last string
	for lines.Scan() {
		switch last = lines.Text(); last {
		case "start":
			before = p.count()
		case "stop":
			after = p.count()
		default:
			continue
		}
		if _, err := io.WriteString(stdin, "\n"); err != nil {
			break
		}
	}
	stdin.Close()
	if err := errors.Join(lines.Err(), cmd.Wait()); err != nil {
		return result, err
	}
	if err := json.Unmarshal([]byte(last), &result); err != nil {
		return result, fmt.Errorf("it wrote %q", last)
	}
	if p != nil && result.Ops > 0 {
		n := float64(result.Ops)
		result.Requests = float64(after.requests-before.requests) / n
		result.Connections = after.connections
		result.Sent, result.Received = float64(after.sent-before.sent)/n, float64(after.received-before.received)/n
	}
	return result, nil
}
