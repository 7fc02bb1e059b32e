package amqp

import (
	"errors"
	"slices"
	"testing"
)

// TestParseURL: a URL names the nodes of a cluster and the type of its queues; wrong ones are
// refused without their password.
func TestParseURL(t *testing.T) {
	for text, want := range map[string]address{
		"amqp://u:p@h:5672/v": {nodes: []string{"amqp://u:p@h:5672/v"}},
		"amqp://h":            {nodes: []string{"amqp://h"}},
		"amqp://u:p,q@h1:1,h2:2,h3/v?queue_type=quorum":     {nodes: []string{"amqp://u:p,q@h1:1/v", "amqp://u:p,q@h2:2/v", "amqp://u:p,q@h3/v"}, quorum: true},
		"amqps://u:p@h1,h2?queue_type=classic&heartbeat=10": {nodes: []string{"amqps://u:p@h1?heartbeat=10", "amqps://u:p@h2?heartbeat=10"}},
	} {
		got, err := parseURL(text)
		if err != nil || got.quorum != want.quorum || !slices.Equal(got.nodes, want.nodes) {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "http://u:secret@h", "amqp://u:secret@h,", "amqp://u:secret@h:x/", "amqp://u:secret@h/?queue_type=stream", "amqp://u:secret@h/?%zz"} {
		if got, err := parseURL(text); !errors.Is(err, errURL) {
			t.Errorf("%q: got %+v, %v, want %v", text, got, err, errURL)
		}
	}
}
