package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sofipo/deploy"
)

// nodeCount is how many PostgreSQL nodes a cluster has: one leader, and a standby that
// can take over while another one keeps commits synchronous.
const nodeCount = 3

// patroni is the part that StartPatroni starts; the stack's own parts do not include it.
const patroni Part = "patroni"

// clusterTimes are the times of deploy/patroni/patroni.yml and those that tests use
// instead: a dead leader is replaced within seconds.
var clusterTimes = strings.NewReplacer("ttl: 30", "ttl: 10", "loop_wait: 10", "loop_wait: 2", "retry_timeout: 10", "retry_timeout: 4")

// Patroni is a cluster of PostgreSQL nodes under Patroni, configured as in
// deploy/patroni, with etcd.
type Patroni struct {
	Nodes []*Service // Patroni with its PostgreSQL; URL leads to that node alone
	URL   string     // leads to whichever node is the leader
	Reads string     // leads to a standby, if there is one

	etcd  *Service
	links map[*Service]*Proxy // from each node to etcd
	rest  map[*Service]string // addresses of the nodes' REST API
}

// StartPatroni starts a cluster of its own and waits until it has a leader with a
// synchronous standby. Close ends it with the stack.
func (s *Stack) StartPatroni(ctx context.Context) (*Patroni, error) {
	if err := install(ctx, []Part{Postgres, patroni}); err != nil {
		return nil, err
	}
	p := &Patroni{rest: map[*Service]string{}, links: map[*Service]*Proxy{}}
	if err := p.startEtcd(ctx, s); err != nil {
		return nil, err
	}
	if err := s.writePatroni(); err != nil {
		return nil, err
	}
	var hosts []string
	for i := range nodeCount {
		node, err := s.newNode(p, fmt.Sprintf("node%d", i+1))
		if err != nil {
			return nil, err
		}
		p.Nodes = append(p.Nodes, node)
		s.helpers = append(s.helpers, node)
		hosts = append(hosts, node.Addr)
	}
	url := fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable&target_session_attrs=", appUser, s.secret, strings.Join(hosts, ","), firstDatabase)
	p.URL, p.Reads = url+"read-write", url+"prefer-standby"
	group, groupCtx := errgroup.WithContext(ctx)
	for _, node := range p.Nodes {
		group.Go(func() error { return node.start(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return p, p.awaitSynchronous(ctx)
}

func (p *Patroni) startEtcd(ctx context.Context, s *Stack) (err error) {
	if p.etcd, err = s.newService("etcd", syscall.SIGTERM); err != nil {
		return err
	}
	peers, err := s.leasePort()
	if err != nil {
		return err
	}
	client, peer := "http://"+p.etcd.Addr, fmt.Sprintf("http://127.0.0.1:%d", peers)
	p.etcd.command = func() (*exec.Cmd, error) {
		return ownCommand(s.folder, "etcd", "--name", "etcd", "--data-dir", filepath.Join(s.folder, "etcd"), "--unsafe-no-fsync", "--enable-v2",
			"--listen-client-urls", client, "--advertise-client-urls", client,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "etcd="+peer), nil
	}
	p.etcd.ready = func(ctx context.Context) error { return answers(ctx, client+"/health", nil) }
	s.helpers = append(s.helpers, p.etcd)
	return p.etcd.start(ctx)
}

// writePatroni writes the configuration of deploy/patroni where the nodes read it.
func (s *Stack) writePatroni() error {
	for name, mode := range map[string]os.FileMode{"patroni.yml": 0o644, "create-database.sh": 0o755} {
		text, err := deploy.Patroni.ReadFile("patroni/" + name)
		if err != nil {
			return fmt.Errorf("stack: %w", err)
		}
		changed := clusterTimes.Replace(strings.ReplaceAll(string(text), "/etc/patroni", s.folder))
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(changed), mode); err != nil {
			return fmt.Errorf("stack: %w", err)
		}
	}
	return nil
}

// newNode makes a node that is not yet started.
func (s *Stack) newNode(p *Patroni, name string) (*Service, error) {
	node, data, err := s.newPostgres(name)
	if err != nil {
		return nil, err
	}
	rest, err := s.leasePort()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", rest)
	p.rest[node] = address
	if p.links[node], err = NewProxy(p.etcd.Addr); err != nil {
		return nil, err
	}
	s.proxies = append(s.proxies, p.links[node])
	program, err := postgresProgram("postgres")
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	environment := append(os.Environ(),
		"PATRONI_NAME="+name, "PATRONI_ETCD_PROXY=http://"+p.links[node].Addr,
		"PATRONI_RESTAPI_LISTEN="+address, "PATRONI_RESTAPI_CONNECT_ADDRESS="+address,
		"PATRONI_POSTGRESQL_LISTEN="+node.Addr, "PATRONI_POSTGRESQL_CONNECT_ADDRESS="+node.Addr,
		"PATRONI_POSTGRESQL_DATA_DIR="+data, "PATRONI_POSTGRESQL_BIN_DIR="+filepath.Dir(program),
		"PATRONI_POSTGRESQL_PGPASS="+filepath.Join(filepath.Dir(data), "pgpass"),
		"PATRONI_SUPERUSER_USERNAME="+adminUser, "PATRONI_SUPERUSER_PASSWORD="+s.secret,
		"PATRONI_REPLICATION_USERNAME=replicator", "PATRONI_REPLICATION_PASSWORD="+s.secret,
		"POSTGRES_USER="+appUser, "POSTGRES_PASSWORD="+s.secret, "POSTGRES_DB="+firstDatabase, "HOME="+filepath.Dir(data))
	node.stop, node.quick = syscall.SIGTERM, 0
	node.command = func() (*exec.Cmd, error) {
		credential, err := accountOf(adminUser)
		if err != nil {
			return nil, err
		}
		cmd := exec.Command("patroni", filepath.Join(s.folder, "patroni.yml"))
		cmd.Dir, cmd.Env = filepath.Dir(data), environment
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM, Credential: credential}
		return cmd, nil
	}
	node.ready = func(ctx context.Context) error { return answers(ctx, "http://"+address+"/health", nil) }
	// PostgreSQL is no child of the Patroni that started it.
	node.apart = func() int { return postmaster(data) }
	return node, nil
}

// postmaster is the process id of the server on the data folder, 0 if none runs.
func postmaster(data string) int {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	if _, running := parentOf(pid); !running {
		return 0
	}
	return pid
}

// answers reports an error unless the URL answers 200; it reads JSON into the value.
func answers(ctx context.Context, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// member is a node as Patroni's REST API describes it.
type member struct {
	Name, Role, State string
	Host              string
	Port              int
}

// follows reports whether a standby runs; newer versions of Patroni say that it streams.
func (m member) follows() bool { return m.State == "running" || m.State == "streaming" }

// members asks any node that answers.
func (p *Patroni) members(ctx context.Context) (all []member, err error) {
	for _, node := range p.Nodes {
		var cluster struct{ Members []member }
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		err = answers(once, "http://"+p.rest[node]+"/cluster", &cluster)
		cancel()
		if err == nil {
			return cluster.Members, nil
		}
	}
	return nil, fmt.Errorf("stack: no node answers: %w", err)
}

// Leader waits for a leader other than the node given (nil: any), at most a minute.
func (p *Patroni) Leader(ctx context.Context, other *Service) (*Service, error) {
	return p.await(ctx, "leader", other)
}

// Standby waits for a synchronous standby.
func (p *Patroni) Standby(ctx context.Context) (*Service, error) {
	return p.await(ctx, "sync_standby", nil)
}

func (p *Patroni) await(ctx context.Context, role string, other *Service) (*Service, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		all, err := p.members(ctx)
		for _, m := range all {
			for _, node := range p.Nodes {
				if m.Role == role && m.State == "running" && node.Name == m.Name && node != other {
					return node, nil
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stack: no %s: %+v, %w", role, all, errors.Join(err, ctx.Err()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Isolate cuts a node off from etcd, and from nothing else, until Rejoin.
func (p *Patroni) Isolate(node *Service) { p.links[node].Cut() }

// Rejoin ends Isolate.
func (p *Patroni) Rejoin(node *Service) { p.links[node].Mend() }

// Hang stops the Patroni of a node but not its PostgreSQL, until Thaw: the node neither renews
// nor gives up its leadership, and a leader still accepts writes after another one is elected.
func (p *Patroni) Hang(node *Service) error { return node.FreezeOnly("patroni.yml") }

// SetSynchronous changes the cluster's mode and waits until its standbys follow.
func (p *Patroni) SetSynchronous(ctx context.Context, on bool) error {
	leader, err := p.Leader(ctx, nil)
	if err != nil {
		return err
	}
	body := strings.NewReader(fmt.Sprintf(`{"synchronous_mode": %t}`, on))
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, "http://"+p.rest[leader]+"/config", body)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("stack: Patroni answers %s", response.Status)
	}
	return p.Whole(ctx, on)
}

// Whole waits until every node but the leader is a running standby, and one of them is
// synchronous if the cluster is; at most a minute.
func (p *Patroni) Whole(ctx context.Context, synchronous bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		all, err := p.members(ctx)
		following, chosen := 0, 0
		for _, m := range all {
			switch {
			case m.Role == "sync_standby" && m.follows():
				following, chosen = following+1, chosen+1
			case m.Role == "replica" && m.follows():
				following++
			}
		}
		if following == nodeCount-1 && (chosen > 0) == synchronous {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stack: the cluster is not whole: %+v, %w", all, errors.Join(err, ctx.Err()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (p *Patroni) awaitSynchronous(ctx context.Context) error {
	if _, err := p.Leader(ctx, nil); err != nil {
		return err
	}
	_, err := p.Standby(ctx)
	return err
}
