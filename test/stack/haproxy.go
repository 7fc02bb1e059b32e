package stack

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"sofipo/deploy"
)

// haproxy is the part that StartHAProxy starts; the stack's own parts do not include it.
const haproxy Part = "haproxy"

// StartHAProxy starts HAProxy in front of the cluster, configured as in deploy/patroni. It returns
// URLs that lead to the leader and to a standby.
func (s *Stack) StartHAProxy(ctx context.Context, p *Patroni) (leader, standby string, err error) {
	if err := install(ctx, []Part{haproxy}); err != nil {
		return "", "", err
	}
	text, err := deploy.Patroni.ReadFile("patroni/haproxy.cfg")
	if err != nil {
		return "", "", fmt.Errorf("stack: %w", err)
	}
	proxy, err := s.newService("haproxy", syscall.SIGTERM)
	if err != nil {
		return "", "", err
	}
	standbys, err := s.leasePort()
	if err != nil {
		return "", "", err
	}
	servers, err := s.leasePort()
	if err != nil {
		return "", "", err
	}
	reads := fmt.Sprintf("127.0.0.1:%d", standbys)
	changes := []string{"127.0.0.1:5000", proxy.Addr, "127.0.0.1:5001", reads, "127.0.0.1:8080", fmt.Sprintf("127.0.0.1:%d", servers)}
	for i, node := range p.Nodes {
		_, rest, err := net.SplitHostPort(p.rest[node])
		if err != nil {
			return "", "", err
		}
		changes = append(changes, fmt.Sprintf("10.0.0.%d:5432 check port 8008", i+1), node.Addr+" check port "+rest)
	}
	path := filepath.Join(s.folder, "haproxy.cfg")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(changes...).Replace(string(text))), 0o644); err != nil {
		return "", "", fmt.Errorf("stack: %w", err)
	}
	proxy.command = func() (*exec.Cmd, error) { return ownCommand(s.folder, "haproxy", "-db", "-f", path), nil }
	proxy.ready = func(ctx context.Context) error { return dial(ctx, proxy.Addr) }
	s.helpers = append(s.helpers, proxy)
	url := func(addr string) string {
		return fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", appUser, s.secret, addr, firstDatabase)
	}
	return url(proxy.Addr), url(reads), proxy.start(ctx)
}
