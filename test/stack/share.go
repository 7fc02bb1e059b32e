package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"
)

// shareVariable names the file through which test programs share a running stack.
const shareVariable = "SOFIPO_TEST_STACK"

// shared is the content of that file.
type shared struct {
	Cluster cluster           `json:"postgres"`
	Broker  broker            `json:"rabbitmq"`
	URLs    map[string]string `json:"urls"` // by service name
}

// Share writes the file for SOFIPO_TEST_STACK, readable by its owner only. The Stack must
// have its own PostgreSQL, replica and RabbitMQ.
func (s *Stack) Share(file string) error {
	if s.Replica == nil || s.Rabbit == nil || s.shares() {
		return errors.New("stack: Share requires own postgres, replica and rabbitmq")
	}
	content := shared{Cluster: s.cluster, Broker: s.broker, URLs: map[string]string{}}
	for _, service := range s.Services() {
		content.URLs[service.Name] = service.URL
	}
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return fmt.Errorf("stack: share: %w", err)
	}
	partial := file + ".partial"
	if err := os.WriteFile(partial, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("stack: share: %w", err)
	}
	return os.Rename(partial, file)
}

// attach uses the PostgreSQL and RabbitMQ described in the file and starts the other parts.
func attach(ctx context.Context, file string, parts []Part) (*Stack, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("stack: %s: %w", shareVariable, err)
	}
	var content shared
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, fmt.Errorf("stack: %s: %s: %w", shareVariable, file, err)
	}
	s := &Stack{cluster: content.Cluster, broker: content.Broker}
	err = errors.Join(
		s.borrow(&s.Primary, content, "primary", slices.Contains(parts, Postgres)),
		s.borrow(&s.Replica, content, "replica", slices.Contains(parts, Replica)),
		s.borrow(&s.Rabbit, content, "rabbitmq", slices.Contains(parts, Rabbit)))
	if err == nil && s.Rabbit != nil {
		err = s.takeVhost(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("stack: %s=%s: %w", shareVariable, file, err)
	}
	own := slices.DeleteFunc(slices.Clone(parts), func(part Part) bool { return part != Redis && part != Couch })
	if len(own) == 0 {
		return s, nil
	}
	return startHere(ctx, s, own)
}

// borrow sets the shared service described in the file and checks that it accepts
// connections.
func (s *Stack) borrow(into **Service, content shared, name string, wanted bool) error {
	if !wanted {
		return nil
	}
	target, err := url.Parse(content.URLs[name])
	if err != nil || target.Host == "" {
		return fmt.Errorf("the file has no %s", name)
	}
	conn, err := net.DialTimeout("tcp", target.Host, 5*time.Second)
	if err != nil {
		return fmt.Errorf("%s does not answer (is that stack still running?): %w", name, err)
	}
	port, err := strconv.Atoi(target.Port())
	*into = &Service{Name: name, Addr: target.Host, Port: port, URL: target.String(), shared: true}
	return errors.Join(err, conn.Close())
}

func (s *Stack) takeVhost(ctx context.Context) error {
	vhost, err := s.broker.newVhost(ctx)
	if err != nil {
		return err
	}
	s.vhost = vhost
	s.Rabbit.URL += vhost
	return nil
}

// leaveShared drops the databases and the virtual host created in shared services.
func (s *Stack) leaveShared() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var errs []error
	for _, database := range s.database {
		errs = append(errs, query(ctx, s.Primary.URL, `DROP DATABASE IF EXISTS "`+database+`" WITH (FORCE)`))
	}
	if s.vhost != "" {
		errs = append(errs, s.broker.dropVhost(ctx, s.vhost))
	}
	return errors.Join(errs...)
}
