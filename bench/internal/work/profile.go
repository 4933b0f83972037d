package work

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// profile starts profiling for `go tool pprof`; stop writes the files. Profiling changes the
// times, since it records all locks.
func profile(dir string) (stop func(), err error) {
	cpu, err := os.Create(filepath.Join(dir, "cpu"))
	if err != nil {
		return nil, err
	}
	runtime.MemProfileRate = 16 << 10
	runtime.SetMutexProfileFraction(10)
	runtime.SetBlockProfileRate(1000)
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		cpu.Close()
		for _, name := range []string{"allocs", "mutex", "block"} {
			if err := writeProfile(dir, name); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}, nil
}

func writeProfile(dir, name string) error {
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	return pprof.Lookup(name).WriteTo(file, 0)
}
