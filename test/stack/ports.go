package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// Ports come from below the range that the kernel uses for outgoing
// connections, so that a stopped service's port is still free at its restart.
const lowestPort, highestPort = 20000, 30000

// portLease is a port of 127.0.0.1 that no other Stack on the machine takes
// while the lease is open: a lock on a file that ends with the program.
type portLease struct {
	port int
	lock *os.File
}

func leasePort() (portLease, error) {
	folder := filepath.Join(os.TempDir(), "sofipo-stack-ports")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return portLease{}, fmt.Errorf("stack: ports: %w", err)
	}
	for range 1000 {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		lock, err := os.OpenFile(filepath.Join(folder, fmt.Sprint(port)), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && portFree(port) {
			return portLease{port, lock}, nil
		}
		_ = lock.Close()
	}
	return portLease{}, fmt.Errorf("stack: no free port between %d and %d", lowestPort, highestPort)
}

// LeasePort gives a port of 127.0.0.1 that no Stack on the machine takes, nor the
// kernel for an outgoing connection, until it is released.
func LeasePort() (port int, release func(), err error) {
	lease, err := leasePort()
	if err != nil {
		return 0, nil, err
	}
	return lease.port, func() { _ = lease.lock.Close() }, nil
}

func portFree(port int) bool {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
