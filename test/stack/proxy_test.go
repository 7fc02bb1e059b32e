package stack

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// TestProxy sends a line through a proxy to a service that repeats it, while the proxy
// forwards, delays, holds back and cuts.
func TestProxy(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	p, err := NewProxy(listener.Addr().String())
	must(t, err)
	defer func() { must(t, p.Close()) }()
	if got, want := p.Through("http://"+listener.Addr().String()+"/x"), "http://"+p.Addr+"/x"; got != want {
		t.Errorf("got the URL %s, want %s", got, want)
	}
	conn, err := net.Dial("tcp", p.Addr)
	must(t, err)
	lines := bufio.NewReader(conn)
	ask := func(limit time.Duration) (took time.Duration, err error) {
		began := time.Now()
		must(t, conn.SetDeadline(began.Add(limit)))
		if _, err = conn.Write([]byte("señal\n")); err == nil {
			_, err = lines.ReadString('\n')
		}
		return time.Since(began), err
	}
	const patience = 10 * time.Second
	if _, err := ask(patience); err != nil {
		t.Errorf("got %v, want the line back", err)
	}
	p.Slow(50 * time.Millisecond)
	if took, err := ask(patience); err != nil || took < 100*time.Millisecond {
		t.Errorf("delayed by 50 ms each way: got %v after %s, want the line after 100 ms", err, took)
	}
	p.Silence()
	if _, err := ask(200 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent: got %v, want no answer", err)
	}
	p.Mend()
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	if _, err := lines.ReadString('\n'); err != nil {
		t.Errorf("no longer silent: got %v, want the line that was held back", err)
	}
	p.Cut()
	if _, err := ask(patience); err == nil {
		t.Error("cut: got an answer, want a closed connection")
	}
	conn, err = net.Dial("tcp", p.Addr)
	must(t, err)
	lines = bufio.NewReader(conn)
	if _, err := ask(patience); err == nil {
		t.Error("cut: got an answer on a new connection, want it closed")
	}
	p.Mend()
	conn, err = net.Dial("tcp", p.Addr)
	must(t, err)
	lines = bufio.NewReader(conn)
	if _, err := ask(patience); err != nil {
		t.Errorf("mended: got %v, want the line back", err)
	}
}
