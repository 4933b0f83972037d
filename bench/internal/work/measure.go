package work

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A meter measures time and memory between start and stop.
type meter struct {
	at     time.Time
	cpu    time.Duration
	allocs uint64
	bytes  uint64
}

func start() meter {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return meter{time.Now(), cpuTime(), memory.Mallocs, memory.TotalAlloc}
}

func (m meter) stop(ops int) Result {
	wall, cpu := time.Since(m.at), cpuTime()-m.cpu
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	n := float64(ops)
	return Result{
		Ops:    ops,
		Wall:   float64(wall) / n,
		CPU:    float64(cpu) / n,
		Allocs: float64(memory.Mallocs-m.allocs) / n,
		Bytes:  float64(memory.TotalAlloc-m.bytes) / n,
	}
}

// cpuTime returns the CPU time of the process so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peak returns the process's peak memory in KiB on Linux, elsewhere 0.
func peak() (kib int64) {
	status, _ := os.ReadFile("/proc/self/status")
	if _, after, found := strings.Cut(string(status), "VmHWM:"); found {
		fmt.Sscan(after, &kib)
	}
	return kib
}

// repeat calls op until the time is over, at least once, and reads the clock once every few
// calls. Before that it calls op warmUp times without measuring, for opening, compiling and
// growing.
func (r *runner) repeat(warmUp, few int, op func(i int) error) (Result, error) {
	i := 0
	for range warmUp {
		if err := op(i); err != nil {
			return Result{}, err
		}
		i++
	}
	if err := r.signal("start"); err != nil {
		return Result{}, err
	}
	m := start()
	ops := 0
	for end := m.at.Add(r.duration); ops == 0 || time.Now().Before(end); {
		for range few {
			if err := op(i); err != nil {
				return Result{}, err
			}
			i++
		}
		ops += few
	}
	result := m.stop(ops)
	return result, r.signal("stop")
}
