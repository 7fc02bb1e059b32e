package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/fstest"
	"time"
)

func TestPercentFor(t *testing.T) {
	for live, want := range map[uint64]int{0: 400, 1 << 20: 400, 8 << 20: 400, 16 << 20: 200, 20 << 20: 160, 32 << 20: 100, 1 << 40: 100} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes: got %d, want %d", live, got, want)
		}
	}
}

func TestTheCollectorFollowsWhatLives(t *testing.T) {
	before := debug.SetGCPercent(gcPercent)
	defer debug.SetGCPercent(before)
	paceCollector()
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	reaches := func(want uint64) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			runtime.GC()
			if metrics.Read(percent); percent[0].Value.Uint64() == want {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %d percent, want %d", percent[0].Value.Uint64(), want)
			}
		}
	}
	much := make([]byte, 2*headroom)
	reaches(100)
	debug.SetGCPercent(gcPercent) // as another caller may
	reaches(100)
	runtime.KeepAlive(much) // dead from here on
	reaches(gcPercent)
}

// TestContainerMemory: the smallest limit of the control groups counts, in both versions.
func TestContainerMemory(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, c := range map[string]struct {
		system fstest.MapFS
		want   int64
	}{
		"none":        {fstest.MapFS{}, math.MaxInt64},
		"v2":          {fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/memory.max": file("max\n"), "sys/fs/cgroup/a/memory.max": file("268435456\n")}, 256 << 20},
		"v2, its own": {fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("134217728\n")}, 128 << 20},
		"v1":          {fstest.MapFS{"proc/self/cgroup": file("5:cpu,memory:/a\n1:name=x:/\n"), "sys/fs/cgroup/memory/a/memory.limit_in_bytes": file("536870912\n")}, 512 << 20},
		"v1, its own": {fstest.MapFS{"proc/self/cgroup": file("5:memory:/docker/x\n"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("268435456\n")}, 256 << 20},
		"v1, none":    {fstest.MapFS{"proc/self/cgroup": file("5:memory:/\n"), "sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n")}, math.MaxInt64},
	} {
		if got := containerMemory(c.system); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// TestLimitMemory: a limit set by GOMEMLIMIT stays; otherwise the container's counts.
func TestLimitMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	system := fstest.MapFS{"sys/fs/cgroup/memory.max": {Data: []byte("1000000000\n")}}
	debug.SetMemoryLimit(math.MaxInt64)
	if got := limitMemory(fstest.MapFS{}); got != 64<<20 || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		t.Errorf("without a limit: got %d for answers and the limit %d, want 64 MiB and none", got, debug.SetMemoryLimit(-1))
	}
	t.Setenv("GOMEMLIMIT", "100MiB")
	debug.SetMemoryLimit(100 << 20)
	if got := limitMemory(system); got != 100<<20/8 || debug.SetMemoryLimit(-1) != 100<<20 {
		t.Errorf("with GOMEMLIMIT: got %d for answers and the limit %d, want an eighth of 100 MiB, and it", got, debug.SetMemoryLimit(-1))
	}
	t.Setenv("GOMEMLIMIT", "")
	if got := limitMemory(system); got != 64<<20 || debug.SetMemoryLimit(-1) != 800_000_000 {
		t.Errorf("got %d for answers and the limit %d, want 64 MiB and 800000000", got, debug.SetMemoryLimit(-1))
	}
}
