package eventlog

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/core/event"
	"sofipo/core/id"
)

// CouchOptions are the settings of NewCouch. A zero field means its default.
type CouchOptions struct {
	Database     string        // "business_events" by default
	WriteTimeout time.Duration // timeout of a write request; 5 s by default
	ReadTimeout  time.Duration // timeout of a read request, which may first build an index; 60 s by default
	RefusalPause time.Duration // pause after the server refused the password; 5 min by default
	WarmPause    time.Duration // pause between updates of the indexes while events are stored; 5 s by default
	Log          *slog.Logger  // discarded by default
}

// Couch is a Log in a database of a CouchDB server. A document's _id is the event's key, so the
// server refuses duplicates. Find ignores documents without event_id and sequence, such as
// the seed's.
type Couch struct {
	client         *http.Client
	database       *url.URL // without user and password
	user, password string
	options        CouchOptions
	reporter       reporter
	refusals       refusals

	preparing sync.Mutex  // held while the database or the indexes are created
	created   atomic.Bool // the database exists
	indexed   atomic.Bool // the indexes exist
	stored    chan struct{}
	warming   sync.Once
	stop      context.CancelFunc
	closing   context.Context
	warmed    sync.WaitGroup
}

// NewCouch returns a log without connecting to the server, which may be down. The first Put
// creates the database if necessary. The address has the form
// http(s)://user:password@host:port.
func NewCouch(address string, options CouchOptions) (*Couch, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("invalid CouchDB URL: the form is http://user:password@host:port")
	}
	if options.Database == "" {
		options.Database = "business_events"
	}
	options.WriteTimeout = cmp.Or(options.WriteTimeout, 5*time.Second)
	options.ReadTimeout = cmp.Or(options.ReadTimeout, time.Minute)
	options.RefusalPause = cmp.Or(options.RefusalPause, 5*time.Minute)
	options.WarmPause = cmp.Or(options.WarmPause, 5*time.Second)
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	c := &Couch{options: options, client: &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     30 * time.Second,
	}}}
	c.user = u.User.Username()
	c.password, _ = u.User.Password()
	u.User = nil
	c.database = u.JoinPath(options.Database)
	c.reporter.log = options.Log
	c.refusals.pause = options.RefusalPause
	c.stored = make(chan struct{}, 1)
	c.closing, c.stop = context.WithCancel(context.Background())
	return c, nil
}

// Put implements Log with bulk writes.
func (c *Couch) Put(ctx context.Context, events []event.Encoded) ([]Rejected, error) {
	ready, rejected := documents(events)
	if err := c.create(ctx); err != nil {
		return nil, err
	}
	refused, err := c.write(ctx, ready)
	if isMissing(err) {
		c.vanished()
		if err = c.create(ctx); err == nil {
			refused, err = c.write(ctx, ready)
		}
	}
	if err != nil {
		return nil, err
	}
	c.reporter.storedFirst(ready)
	c.warm(len(ready))
	return append(rejected, refused...), nil
}

// write stores the documents. If the server refuses a whole batch because of one document
// (400, or 413 for its size), it splits the batch in halves to find it.
func (c *Couch) write(ctx context.Context, docs []event.Encoded) ([]Rejected, error) {
	if len(docs) == 0 {
		return nil, nil
	}
	refused, err := c.bulk(ctx, docs)
	if !hasStatus(err, http.StatusBadRequest) && !hasStatus(err, http.StatusRequestEntityTooLarge) {
		return refused, err
	}
	if len(docs) == 1 {
		return []Rejected{{docs[0].EventID, err.Error()}}, nil
	}
	for _, half := range [][]event.Encoded{docs[:len(docs)/2], docs[len(docs)/2:]} {
		more, err := c.write(ctx, half)
		if err != nil {
			return nil, err
		}
		refused = append(refused, more...)
	}
	return refused, nil
}

// bulk sends one batch. Results may come in any order and are matched by id.
func (c *Couch) bulk(ctx context.Context, docs []event.Encoded) ([]Rejected, error) {
	var results []struct{ ID, Error, Reason string }
	err := c.call(ctx, c.options.WriteTimeout, endpoint{http.MethodPost, "_bulk_docs"}, bulkBody(docs), &results)
	if err != nil {
		return nil, err
	}
	unanswered := make(map[string]id.ID, len(docs))
	for _, d := range docs {
		unanswered[d.Key()] = d.EventID
	}
	var refused []Rejected
	for _, r := range results {
		eventID, sent := unanswered[r.ID]
		if !sent {
			return nil, fmt.Errorf("CouchDB: the answer has an unknown document %q: %s %s", r.ID, r.Error, r.Reason)
		}
		delete(unanswered, r.ID)
		switch r.Error {
		case "", "conflict": // stored now or earlier
		case "forbidden", "doc_validation", "illegal_docid", "bad_request", "document_too_large":
			refused = append(refused, Rejected{eventID, r.Error + ": " + r.Reason})
		default:
			return nil, fmt.Errorf("CouchDB: event %s: %s: %s", eventID, r.Error, r.Reason)
		}
	}
	if len(unanswered) > 0 {
		return nil, fmt.Errorf("CouchDB: no answer for %d of %d documents", len(unanswered), len(docs))
	}
	return refused, nil
}

// bulkBody returns the body of a bulk write: each event with its key as _id.
func bulkBody(docs []event.Encoded) json.RawMessage {
	const lead = `{"_id":"00000000-0000-0000-0000-000000000000-1796000000",`
	room := len(`{"docs":[]}`)
	for _, d := range docs {
		room += len(d.Body) + len(lead)
	}
	body := append(make([]byte, 0, room), `{"docs":[`...)
	for i, d := range docs {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(body, `{"_id":"`...), d.Key()...)
		body = append(append(body, `",`...), d.Body[1:]...)
	}
	return append(body, `]}`...)
}

// Find implements Log with Mango queries. It finds nothing if the database does not exist:
// the next Put creates it.
func (c *Couch) Find(ctx context.Context, q Query) (page []event.Envelope, next string, err error) {
	if _, err := q.start(); err != nil {
		return nil, "", err
	}
	if err = c.index(ctx); err == nil {
		page, next, err = c.reporter.find(ctx, q, c.read)
	}
	if isMissing(err) {
		c.vanished()
		return nil, "", nil
	}
	return page, next, err
}

func (c *Couch) read(ctx context.Context, s scan) ([]stored, error) {
	var answer struct{ Docs []json.RawMessage }
	if err := c.call(ctx, c.options.ReadTimeout, endpoint{http.MethodPost, "_find"}, s.mango(), &answer); err != nil {
		return nil, err
	}
	found := make([]stored, len(answer.Docs))
	for i, body := range answer.Docs {
		found[i] = stored{name: nameOf(body), body: body}
	}
	return found, nil
}

// nameOf returns the _id of a document.
func nameOf(body json.RawMessage) string {
	var named struct {
		ID string `json:"_id"`
	}
	_ = json.Unmarshal(body, &named) // every document of CouchDB has an _id
	return named.ID
}

// list returns the documents after the given name in the order of their names.
func (c *Couch) list(ctx context.Context, after string, bodies bool) ([]stored, error) {
	query := url.Values{"limit": {strconv.Itoa(MaxLimit)}, "include_docs": {strconv.FormatBool(bodies)}}
	if after != "" {
		start, err := json.Marshal(after)
		if err != nil {
			return nil, fmt.Errorf("CouchDB: %w", err)
		}
		query.Set("startkey", string(start))
		query.Set("skip", "1")
	}
	var answer struct {
		Rows []struct {
			ID  string
			Doc json.RawMessage
		}
	}
	err := c.call(ctx, c.options.ReadTimeout, endpoint{http.MethodGet, "_all_docs?" + query.Encode()}, nil, &answer)
	if isMissing(err) {
		c.vanished()
		return nil, nil
	}
	found := make([]stored, len(answer.Rows))
	for i, row := range answer.Rows {
		found[i] = stored{name: row.ID, body: row.Doc}
	}
	return found, err
}

// mango returns the scan as a body for _find, sorted by all fields of its index.
func (s scan) mango() map[string]any {
	operators := map[string]string{"=": "$eq", "<=": "$lte", ">=": "$gte"}
	selector := map[string]map[string]any{}
	for _, c := range s.where {
		if selector[c.field] == nil || c.op == "=" {
			selector[c.field] = map[string]any{}
		}
		selector[c.field][operators[c.op]] = c.value
	}
	direction := "asc"
	if s.newest {
		direction = "desc"
	}
	sort := make([]map[string]string, len(s.index))
	for i, field := range s.index {
		sort[i] = map[string]string{field: direction}
	}
	return map[string]any{
		"selector": selector, "sort": sort, "limit": s.limit, "use_index": []string{designDocument, indexName(s.index)},
	}
}

// statusError is an error response of the server. Its text does not have the password.
type statusError struct {
	call   string
	status int
	Kind   string `json:"error"`
	Reason string `json:"reason"`
}

func (e *statusError) Error() string {
	return fmt.Sprintf("CouchDB: %s: %d %s: %s", e.call, e.status, e.Kind, e.Reason)
}

func hasStatus(err error, status int) bool {
	var e *statusError
	return errors.As(err, &e) && e.status == status
}

// isMissing reports whether the server says that the database does not exist.
func isMissing(err error) bool {
	var e *statusError
	return errors.As(err, &e) && e.status == http.StatusNotFound && e.Kind == "not_found"
}

// endpoint is a method and a path below the database.
type endpoint struct{ method, path string }

// String returns the endpoint for error messages.
func (e endpoint) String() string { return e.method + " " + e.path }

// call sends one request and decodes the answer. A json.RawMessage is sent unchanged,
// anything else as JSON. All requests of this client may be repeated, so net/http may retry
// one after the server has closed an idle connection.
func (c *Couch) call(ctx context.Context, timeout time.Duration, to endpoint, in, out any) error {
	if err := c.refusals.pending(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, encoded := in.(json.RawMessage)
	if in != nil && !encoded {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("CouchDB: %w", err)
		}
	}
	path, query, _ := strings.Cut(to.path, "?")
	address := c.database.JoinPath(path)
	address.RawQuery = query
	req, err := http.NewRequestWithContext(ctx, to.method, address.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("CouchDB: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header["Idempotency-Key"] = []string{} // allows net/http to repeat the request; not sent
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("CouchDB: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("CouchDB: %s: %w", to, err)
	}
	if res.StatusCode >= 300 {
		refusal := &statusError{call: to.method + " /" + c.options.Database + "/" + path, status: res.StatusCode}
		_ = json.Unmarshal(answer, refusal) // a proxy may answer with something else; then only the status is known
		return c.refusals.note(refusal)
	}
	c.refusals.accepted()
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("CouchDB: %s: %w", to, err)
	}
	return nil
}

// Close implements Log.
func (c *Couch) Close() error {
	c.stop()
	c.warmed.Wait()
	c.client.CloseIdleConnections()
	return nil
}
