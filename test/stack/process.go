package stack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// starts executes all cmd.Start calls on one OS thread. The kernel sends Pdeathsig when the
// thread that started the process ends, so this thread must live as long as the program.
var starts = sync.OnceValue(func() chan<- func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for call := range calls {
			call()
		}
	}()
	return calls
})

func startProcess(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	starts() <- func() { result <- cmd.Start() }
	return <-result
}

// ownCommand returns a command for a server under this program's account, with a minimal
// environment. It is killed with this program.
func ownCommand(folder, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// run runs a short command to its end and returns its output. An error includes the output.
func run(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := startProcess(cmd); err != nil {
		return "", fmt.Errorf("stack: %w", err)
	}
	defer context.AfterFunc(ctx, func() { killTree(cmd.Process.Pid) })()
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("stack: %s: %w\n%s", cmd.Path, err, output.String())
	}
	return output.String(), nil
}

// tree returns the processes and all their living descendants, these processes first. It searches by
// parent process, because PostgreSQL's backends and Erlang's helpers leave their process
// group and session.
func tree(roots ...int) []int {
	children := map[int][]int{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			if parent, ok := parentOf(pid); ok {
				children[parent] = append(children[parent], pid)
			}
		}
	}
	pids := slices.Clone(roots)
	for i := 0; i < len(pids); i++ {
		pids = append(pids, children[pids[i]]...)
	}
	return pids
}

// parentOf reads the fourth field of /proc/PID/stat: "pid (name) state parent".
func parentOf(pid int) (int, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 || string(fields[0]) == "Z" {
		return 0, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return parent, err == nil
}

// freezeTree stops the processes and all their descendants, parents first, until no new ones
// appear. It returns their ids.
func freezeTree(roots ...int) []int {
	frozen := map[int]bool{}
	for {
		before, pids := len(frozen), tree(roots...)
		for _, pid := range pids {
			if !frozen[pid] {
				frozen[pid] = true
				_ = syscall.Kill(pid, syscall.SIGSTOP)
			}
		}
		if len(frozen) == before {
			return pids
		}
	}
}

// thawTree continues a frozen tree, descendants first.
func thawTree(roots ...int) {
	pids := tree(roots...)
	for i := len(pids) - 1; i >= 0; i-- {
		_ = syscall.Kill(pids[i], syscall.SIGCONT)
	}
}

// killTree kills the processes and all their descendants, and waits until they have released
// their memory: PostgreSQL does not start while an old process still shares it. The processes
// are frozen first, so that none of them can start another.
func killTree(roots ...int) {
	pids := freezeTree(roots...)
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	deadline := time.Now().Add(stopLimit)
	for _, pid := range pids {
		for _, running := parentOf(pid); running && time.Now().Before(deadline); _, running = parentOf(pid) {
			time.Sleep(time.Millisecond)
		}
	}
}
