package stack

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// guardScript reads lines of process ids that are frozen at present. At the
// end of its input, which comes when the program ends in whatever way, it kills
// those (their parents' deaths reach them no longer) and removes the folder,
// which may take a few tries while the services are still ending.
const guardScript = `
trap '' INT TERM HUP
while read -r line; do frozen=$line; done
[ -z "$frozen" ] || kill -KILL $frozen 2>/dev/null
for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null && break; sleep 0.5; done`

// guard is the process that cleans up after this program's end.
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

// note tells the guard which processes of the named service are frozen now;
// none after a thaw.
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

// close has the folder removed and waits for it.
func (g *guard) close() error {
	_ = g.input.Close()
	return g.cmd.Wait()
}
