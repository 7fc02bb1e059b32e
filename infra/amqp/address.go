package amqp

import (
	"errors"
	"net/url"
	"strings"

	rabbit "github.com/rabbitmq/amqp091-go"
)

// address is a parsed URL of a broker.
type address struct {
	nodes  []string // a URL for each node of the cluster
	quorum bool     // queues are created as quorum queues
}

var errURL = errors.New("invalid AMQP URL: the form is amqp://user:password@host:port/vhost, with several host:port separated by commas for a cluster, and ?queue_type=classic or quorum")

// CheckURL returns an error for an invalid URL. It does not contain the password.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// parseURL parses a URL of the form
// amqp://user:password@host:port,host:port/vhost?queue_type=quorum. Its error does not contain
// the password.
func parseURL(text string) (a address, err error) {
	rest, query, _ := strings.Cut(text, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return a, errURL
	}
	for _, kind := range options["queue_type"] { // the library knows the other options, or ignores them
		if kind != "quorum" && kind != "classic" {
			return a, errURL
		}
		a.quorum = kind == "quorum"
	}
	options.Del("queue_type")
	if query = options.Encode(); query != "" {
		query = "?" + query
	}
	scheme, rest, _ := strings.Cut(rest, "://")
	login, hosts := "", rest
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		login, hosts = rest[:at+1], rest[at+1:]
	}
	path := ""
	if slash := strings.IndexByte(hosts, '/'); slash >= 0 {
		hosts, path = hosts[:slash], hosts[slash:]
	}
	for host := range strings.SplitSeq(hosts, ",") {
		node := scheme + "://" + login + host + path + query
		if _, err := rabbit.ParseURI(node); err != nil || host == "" {
			return a, errURL
		}
		a.nodes = append(a.nodes, node)
	}
	return a, nil
}
