package stack

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// guardScript reads lines with the ids of the frozen processes. Its input ends when the
// program ends, for whatever reason. Then it kills the frozen processes, because they do not
// react to the death of their parent, and removes the folder. The primary's may be a mounted disk. Removal may take several tries
// while services are still ending.
const guardScript = `
trap '' INT TERM HUP
while read -r line; do frozen=$line; done
[ -z "$frozen" ] || kill -KILL $frozen 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do umount "$1/primary" 2>/dev/null; rm -rf "$1" 2>/dev/null && break; sleep 0.5; done`

// guard is the process that cleans up after the program has ended.
type guard struct {
	cmd   *exec.Cmd
	input io.WriteCloser

	mu     sync.Mutex
	frozen map[string][]int
}

func startGuard(folder string) (*guard, error) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "sofipo-stack-guard", folder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("stack: guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("stack: guard: %w", err)
	}
	return &guard{cmd: cmd, input: input, frozen: map[string][]int{}}, nil
}

// note sets the frozen processes of a service; none after Thaw.
func (g *guard) note(service string, pids []int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.frozen[service] = pids
	var all []string
	for _, pids := range g.frozen {
		for _, pid := range pids {
			all = append(all, fmt.Sprint(pid))
		}
	}
	_, err := fmt.Fprintln(g.input, strings.Join(all, " "))
	return err
}

// close makes the guard remove the folder and waits for it.
func (g *guard) close() error {
	_ = g.input.Close()
	return g.cmd.Wait()
}
