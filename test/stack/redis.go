package stack

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
)

// startRedis starts a Redis without persistence.
func (s *Stack) startRedis(ctx context.Context, _ bool) error {
	redis, err := s.newService("redis", syscall.SIGTERM)
	if err != nil {
		return err
	}
	redis.URL = fmt.Sprintf("redis://%s/0", redis.Addr)
	redis.command = func() (*exec.Cmd, error) {
		return ownCommand(s.folder, "redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(redis.Port),
			"--save", "", "--appendonly", "no", "--dir", s.folder), nil
	}
	redis.ready = func(ctx context.Context) error { return pingRedis(ctx, redis.Addr) }
	s.Redis = redis
	return redis.start(ctx)
}

func pingRedis(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && strings.TrimSpace(answer) != "+PONG" {
		err = fmt.Errorf("redis answered %q to PING", answer)
	}
	return err
}
