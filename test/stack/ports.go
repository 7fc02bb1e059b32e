package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// Ports are below the range that the kernel uses for outgoing connections, so that the port
// of a stopped service is still free when it restarts.
const lowestPort, highestPort = 20000, 30000

// portLease is a port of 127.0.0.1 that no other Stack on the machine uses during the lease.
// It is a file lock that ends with the program.
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

// LeasePort returns a port of 127.0.0.1 that neither a Stack nor the kernel uses until it is
// released.
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
