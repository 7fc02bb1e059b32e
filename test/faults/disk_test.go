package faults

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"sofipo/test/program"
)

// rlimitFSize is RLIMIT_FSIZE of Linux.
const rlimitFSize = 1

// limitFiles sets the greatest file size of a running process. A write beyond it fails, as on
// a disk that is full.
func limitFiles(t *testing.T, p *program.Process, size uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: size, Max: math.MaxUint64}
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(p.PID()), rlimitFSize, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if failed != 0 {
		t.Fatalf("prlimit: got %v, want no error", failed)
	}
}

// TestAFullDisk: writes are refused, reads go on, /readyz is 503; all of it recovers without
// a restart, and no payment is lost or there twice.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	c := login(t, server)
	clientID, loanID := loan(t, c, "100.00")
	d := &depositor{writer: c, reader: c, stranger: c, client: clientID, loan: loanID, balance: 10_000}
	must(t, d.payAndRead(t))
	ready := func(status int, part string) {
		t.Helper()
		await(t, 30*time.Second, fmt.Sprint("/readyz ", status), func() (bool, string) {
			answer, err := c.Send(t.Context(), "GET", "/readyz", nil)
			return err == nil && answer.Status == status && strings.Contains(string(answer.Body), part), fmt.Sprint(answer.Status, string(answer.Body), err)
		})
	}
	ready(http.StatusOK, `"disk":"ok"`)
	for range 2 {
		limitFiles(t, server, 1)
		answer, err := c.Pay(t.Context(), d.loan, "1.00", fmt.Sprintf("%s-%d", d.loan, d.payments))
		if err != nil || answer.Status != http.StatusServiceUnavailable {
			t.Fatalf("payment: got %d %s %v, want status 503", answer.Status, answer.Body, err)
		}
		ready(http.StatusServiceUnavailable, `"disk":"failing"`)
		time.Sleep(300 * time.Millisecond) // the log meets the full disk too
		if answer, err := c.Send(t.Context(), "GET", "/api/v1/loans/"+d.loan, nil); err != nil || answer.Status != http.StatusOK {
			t.Errorf("read: got %d %s %v, want status 200", answer.Status, answer.Body, err)
		}
		limitFiles(t, server, math.MaxUint64)
		ready(http.StatusOK, `"disk":"ok"`)
		must(t, d.payAndRead(t)) // the same key
	}
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	if log := server.Log(); !strings.Contains(log, `"msg":"stopping"`) {
		t.Errorf("got the log\n%s\nwant its last lines, written after the disk was full", log)
	}
	w.serve(t)
	w.settle(t)
}

// TestALostEventLogIsReported: the file is deleted between two runs. The next start says so
// and publishes the events again.
func TestALostEventLogIsReported(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	c := login(t, server)
	loan(t, c, "100.00")
	w.settle(t)
	if code := server.Terminate(t); code != 0 {
		t.Fatalf("got exit code %d, want 0", code)
	}
	folder := strings.TrimPrefix(w.env[0], "SOFIPO_DATA=")
	files, err := filepath.Glob(filepath.Join(folder, "events.db*"))
	must(t, err)
	for _, file := range files {
		must(t, os.Remove(file))
	}
	server = w.serve(t)
	loan(t, login(t, server), "100.00")
	await(t, 30*time.Second, "an error about the missing events", func() (bool, string) {
		log := server.Log()
		return strings.Contains(log, `"level":"ERROR","msg":"the event log lost events`), log
	})
	w.settle(t)
}
