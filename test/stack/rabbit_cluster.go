package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Rabbits is a cluster of three RabbitMQ nodes.
type Rabbits struct {
	Nodes []*Service
	URL   string // names all nodes; queues are created as quorum queues

	brokers []broker
}

// StartRabbits starts a cluster of its own. Close ends it with the stack.
func (s *Stack) StartRabbits(ctx context.Context) (*Rabbits, error) {
	if err := install(ctx, []Part{Rabbit}); err != nil {
		return nil, err
	}
	epmd, err := s.startEpmd(ctx)
	if err != nil {
		return nil, err
	}
	r := &Rabbits{}
	var hosts []string
	for i := range nodeCount {
		node, b, err := s.newRabbit(fmt.Sprintf("rabbitmq%d", i+1), fmt.Sprintf("sofipo%d", i+1), epmd)
		if err != nil {
			return nil, err
		}
		r.Nodes, r.brokers, hosts = append(r.Nodes, node), append(r.brokers, b), append(hosts, node.Addr)
		s.helpers = append(s.helpers, node)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for _, node := range r.Nodes {
		group.Go(func() error { return node.start(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, b := range r.brokers[1:] {
		if err := b.eval(ctx, "ok = rabbit:stop(), ok = rabbit_mnesia:join_cluster('sofipo1@localhost', disc), rabbit:start()"); err != nil {
			return nil, err
		}
	}
	r.URL = fmt.Sprintf("amqp://%s:%s@%s/?queue_type=quorum", rabbitUser, s.secret, strings.Join(hosts, ","))
	return r, nil
}

// Leader waits for a leader of a quorum queue other than the node given (nil: any), at most a
// minute.
func (r *Rabbits) Leader(ctx context.Context, queue string, other *Service) (*Service, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	question := fmt.Sprintf(`{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"%s">>)), {_, Node} = amqqueue:get_pid(Q), Node`, queue)
	var answer string
	var err error
	for {
		for i, b := range r.brokers {
			if r.Nodes[i] == other {
				continue
			}
			once, end := context.WithTimeout(ctx, 5*time.Second)
			answer, err = b.ask(once, question)
			end()
			for n, node := range r.Nodes {
				if err == nil && strings.Contains(answer, fmt.Sprintf("sofipo%d@localhost", n+1)) && node != other {
					return node, nil
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stack: no leader of %s: %q, %w", queue, answer, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Whole waits until every node has a copy of the queue that is up to date, at most a minute.
func (r *Rabbits) Whole(ctx context.Context, queue string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	question := fmt.Sprintf(`{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"%s">>)), length(proplists:get_value(online, rabbit_quorum_queue:info(Q, [online])))`, queue)
	for {
		answer, err := r.brokers[0].ask(ctx, question)
		if err == nil && answer == fmt.Sprint(nodeCount) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stack: %s is not on all nodes: %q, %w", queue, answer, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
