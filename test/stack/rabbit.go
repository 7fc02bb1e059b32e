package stack

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	amqp "github.com/rabbitmq/amqp091-go"
)

const rabbitUser = "sofipo"

// broker has what is needed to administer a RabbitMQ node.
type broker struct {
	DistPort int    `json:"dist_port"` // port of the Erlang distribution
	Cookie   string `json:"cookie"`
}

// startRabbit starts a RabbitMQ node with its own epmd, so that it is isolated from other
// nodes on the machine.
func (s *Stack) startRabbit(ctx context.Context, _ bool) error {
	epmd, err := s.startEpmd(ctx)
	if err != nil {
		return err
	}
	if s.Rabbit, s.broker, err = s.newRabbit("rabbitmq", "sofipo", epmd); err != nil {
		return err
	}
	return s.Rabbit.start(ctx)
}

// newRabbit makes a node that is not yet started. Its Erlang node is name@localhost.
func (s *Stack) newRabbit(service, name string, epmd *Service) (*Service, broker, error) {
	rabbit, err := s.newService(service, syscall.SIGTERM)
	if err != nil {
		return nil, broker{}, err
	}
	dist, err := s.leasePort()
	if err != nil {
		return nil, broker{}, err
	}
	home := filepath.Join(s.folder, service)
	if err := s.writeRabbitFiles(home, rabbit.Addr); err != nil {
		return nil, broker{}, err
	}
	rabbit.URL = fmt.Sprintf("amqp://%s:%s@%s/", rabbitUser, s.secret, rabbit.Addr)
	rabbit.command = func() (*exec.Cmd, error) {
		program, err := rabbitProgram()
		if err != nil {
			return nil, err
		}
		cmd := ownCommand(home, program)
		cmd.Env = append(cmd.Env, rabbitEnv(home, name, epmd.Port, dist)...)
		return cmd, nil
	}
	rabbit.ready = func(ctx context.Context) error { return dialRabbit(ctx, rabbit.URL) }
	return rabbit, broker{DistPort: dist, Cookie: s.secret}, nil
}

func (s *Stack) startEpmd(ctx context.Context) (*Service, error) {
	epmd, err := s.newService("epmd", syscall.SIGTERM)
	if err != nil {
		return nil, err
	}
	epmd.command = func() (*exec.Cmd, error) {
		return ownCommand(s.folder, "epmd", "-port", fmt.Sprint(epmd.Port), "-address", "127.0.0.1"), nil
	}
	epmd.ready = func(ctx context.Context) error { return dial(ctx, epmd.Addr) }
	s.helpers = append(s.helpers, epmd)
	return epmd, epmd.start(ctx)
}

func (s *Stack) writeRabbitFiles(home, addr string) error {
	if err := os.Mkdir(home, 0o700); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	for name, text := range map[string]string{
		".erlang.cookie":  s.secret,
		"enabled_plugins": "[].\n",
		"rabbitmq.conf": fmt.Sprintf("listeners.tcp.1 = %s\ndefault_user = %s\ndefault_pass = %s\n"+
			"disk_free_limit.absolute = 50MB\nlog.console = true\nlog.console.level = warning\n", addr, rabbitUser, s.secret),
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o400); err != nil {
			return fmt.Errorf("stack: %w", err)
		}
	}
	return nil
}

// rabbitEnv sets all of RabbitMQ's paths and ports. With ALLOW_INPUT, the start script
// replaces itself by the server instead of waiting for it.
func rabbitEnv(home, name string, epmdPort, distPort int) []string {
	return []string{
		"RABBITMQ_NODENAME=" + name + "@localhost",
		"RABBITMQ_CONF_ENV_FILE=/dev/null",
		"RABBITMQ_CONFIG_FILE=" + filepath.Join(home, "rabbitmq.conf"),
		"RABBITMQ_ADVANCED_CONFIG_FILE=" + filepath.Join(home, "advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE=" + filepath.Join(home, "enabled_plugins"),
		"RABBITMQ_MNESIA_BASE=" + filepath.Join(home, "mnesia"),
		"RABBITMQ_LOG_BASE=" + filepath.Join(home, "log"),
		"RABBITMQ_PID_FILE=" + filepath.Join(home, "pid"),
		"RABBITMQ_LOGS=-",
		fmt.Sprintf("RABBITMQ_DIST_PORT=%d", distPort),
		"RABBITMQ_ALLOW_INPUT=1",
		"RABBITMQ_SERVER_START_ARGS=-noinput",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
		fmt.Sprintf("ERL_EPMD_PORT=%d", epmdPort),
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"HOME=" + home,
	}
}

func dialRabbit(ctx context.Context, target string) error {
	parsed, err := url.Parse(target)
	if err != nil {
		return err
	}
	if err := dial(ctx, parsed.Host); err != nil {
		return err
	}
	conn, err := amqp.Dial(target)
	if err != nil {
		return err
	}
	return conn.Close()
}

// newVhost creates a virtual host for this Stack in a running node and returns its name.
func (b broker) newVhost(ctx context.Context) (string, error) {
	name := "t_" + strings.ToLower(rand.Text()[:8])
	return name, b.eval(ctx, fmt.Sprintf(
		`ok = rabbit_vhost:add(<<"%[1]s">>, <<"%[2]s">>), `+
			`ok = rabbit_auth_backend_internal:set_permissions(<<"%[2]s">>, <<"%[1]s">>, <<".*">>, <<".*">>, <<".*">>, <<"%[2]s">>)`,
		name, rabbitUser))
}

// dropVhost deletes the virtual host with its queues.
func (b broker) dropVhost(ctx context.Context, name string) error {
	return b.eval(ctx, fmt.Sprintf(`ok = rabbit_vhost:delete(<<"%s">>, <<"%s">>)`, name, rabbitUser))
}

// eval runs Erlang expressions in the node; the last one must return ok.
func (b broker) eval(ctx context.Context, expressions string) error {
	output, err := b.ask(ctx, expressions)
	if err == nil && output != "ok" {
		err = fmt.Errorf("stack: rabbitmq: %s: %s", expressions, output)
	}
	return err
}

// ask runs Erlang expressions in the node and returns the value of the last one. rabbitmqctl
// would take seconds.
func (b broker) ask(ctx context.Context, expressions string) (string, error) {
	program, err := erlCall()
	if err != nil {
		return "", err
	}
	cmd := ownCommand(os.TempDir(), program, "-r", "-c", b.Cookie, "-address", fmt.Sprintf("127.0.0.1:%d", b.DistPort), "-e")
	cmd.Stdin = strings.NewReader(expressions + ".\n")
	output, err := run(ctx, cmd)
	if err != nil {
		return "", err
	}
	value, evaluated := strings.CutPrefix(strings.TrimSpace(output), "{ok, ")
	if !evaluated {
		return "", fmt.Errorf("stack: rabbitmq: %s: %s", expressions, output)
	}
	return strings.TrimSuffix(value, "}"), nil
}

// erlCall returns the path of erl_call, which is part of Erlang's base package.
func erlCall() (string, error) {
	for _, pattern := range []string{"/usr/lib/erlang/erts-*/bin/erl_call", "/usr/lib/erlang/lib/erl_interface-*/bin/erl_call"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0], nil
		}
	}
	return exec.LookPath("erl_call")
}
