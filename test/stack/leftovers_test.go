package stack

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// victimVariable makes this test program start a stack and be killed.
const victimVariable = "SOFIPO_STACK_VICTIM"

// beVictim starts a stack, freezes its PostgreSQL, prints its folder and all
// its processes, and waits for its end.
func beVictim() {
	s, err := StartOwn(context.Background())
	if err == nil {
		err = s.Primary.Freeze()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.folder)
	fmt.Println(tree(os.Getpid())[1:])
	select {}
}

func TestNothingOutlivesAKilledProgram(t *testing.T) {
	program, err := os.Executable()
	must(t, err)
	victim := exec.Command(program)
	victim.Env = append(os.Environ(), victimVariable+"=1")
	output, err := victim.StdoutPipe()
	must(t, err)
	must(t, victim.Start())
	lines := bufio.NewScanner(output)
	lines.Scan()
	folder := lines.Text()
	lines.Scan()
	var pids []int
	for _, field := range strings.Fields(strings.Trim(lines.Text(), "[]")) {
		var pid int
		_, err := fmt.Sscan(field, &pid)
		must(t, err)
		pids = append(pids, pid)
	}
	must(t, victim.Process.Signal(syscall.SIGKILL))
	_ = victim.Wait()
	if len(pids) < 10 { // PostgreSQL starts some of its processes when it likes
		t.Fatalf("got %d processes started in %s, %v, want at least 10", len(pids), folder, pids)
	}
	deadline := time.Now().Add(time.Minute)
	for _, pid := range pids {
		for _, running := parentOf(pid); running; _, running = parentOf(pid) {
			if time.Now().After(deadline) {
				name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				t.Fatalf("process %d: got %q, want it ended", pid, name)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder %s: got %v, want it removed", folder, err)
	}
}

func TestAMissingProgramIsNamed(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	_, err := StartOwn(limited(t), Redis)
	if err == nil || !strings.Contains(err.Error(), "redis cannot be started") {
		t.Errorf("got %v, want an error with redis cannot be started", err)
	}
}

func TestLockfileNamesNoRegistry(t *testing.T) {
	lock, err := couchFiles.ReadFile("couch/package-lock.json")
	must(t, err)
	if !strings.Contains(string(lock), `"integrity"`) || strings.Contains(string(lock), `"resolved"`) {
		t.Error("package-lock.json: got addresses or no integrity, want a file written with omit-lockfile-registry-resolved=true")
	}
}

func TestAServiceThatEndsAtOnceShowsItsLog(t *testing.T) {
	service, err := all.newService("broken", syscall.SIGTERM)
	must(t, err)
	service.command = func() (*exec.Cmd, error) {
		return ownCommand(all.folder, "redis-server", "--port", "nonsense"), nil
	}
	service.ready = func(ctx context.Context) error { return dial(ctx, service.Addr) }
	if err := service.Start(); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v, want an error with nonsense", err)
	}
}
