package eventlog

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// designDocument is the design document with the indexes for Find.
const designDocument = "sofipo_events"

func indexName(fields []string) string { return "by_" + strings.Join(fields, "_") }

// create creates the database if it does not exist. Only a server administrator may create a
// database, so it first asks whether there is one.
func (c *Couch) create(ctx context.Context) error {
	return c.prepare(&c.created, func() error { return c.createDatabase(ctx) })
}

// prepare runs the work unless it is done. Only one caller works at a time.
func (c *Couch) prepare(done *atomic.Bool, work func() error) error {
	if done.Load() {
		return nil
	}
	c.preparing.Lock()
	defer c.preparing.Unlock()
	if done.Load() {
		return nil
	}
	err := work()
	if err == nil {
		done.Store(true)
	}
	return err
}

func (c *Couch) createDatabase(ctx context.Context) error {
	var info struct {
		Documents int `json:"doc_count"`
	}
	err := c.call(ctx, c.options.WriteTimeout, endpoint{http.MethodGet, ""}, nil, &info)
	if isMissing(err) {
		err = c.call(ctx, c.options.WriteTimeout, endpoint{http.MethodPut, ""}, nil, nil)
		if err == nil {
			c.options.Log.Info("created the database of the event log", "database", c.options.Database)
		} else if hasStatus(err, http.StatusPreconditionFailed) {
			err = nil // another process created it
		}
	}
	if err != nil {
		return err
	}
	c.reporter.empty.Store(info.Documents <= 1) // there may be the design document
	return nil
}

// vanished logs that somebody deleted the database, if this process has seen it.
func (c *Couch) vanished() {
	created, indexed := c.created.Swap(false), c.indexed.Swap(false)
	if created || indexed {
		c.options.Log.Error("the database of the event log was deleted; the next event creates it again without the earlier ones. "+whatToDo, "database", c.options.Database)
	}
}

// index creates the missing indexes.
func (c *Couch) index(ctx context.Context) error {
	return c.prepare(&c.indexed, func() error { return c.createIndexes(ctx) })
}

func (c *Couch) createIndexes(ctx context.Context) error {
	var have struct {
		Indexes []struct{ DDoc, Name string }
	}
	if err := c.call(ctx, c.options.ReadTimeout, endpoint{http.MethodGet, "_index"}, nil, &have); err != nil {
		return err
	}
	for _, s := range scans() {
		name := indexName(s.index)
		if slices.ContainsFunc(have.Indexes, func(i struct{ DDoc, Name string }) bool {
			return i.DDoc == "_design/"+designDocument && i.Name == name
		}) {
			continue
		}
		index := map[string]any{"ddoc": designDocument, "name": name, "type": "json", "index": map[string]any{"fields": s.index}}
		if err := c.call(ctx, c.options.ReadTimeout, endpoint{http.MethodPost, "_index"}, index, nil); err != nil {
			return err
		}
	}
	return nil
}

// warm tells the background task that events were stored. CouchDB updates an index when it is
// read. Without the task, the first read after many writes would wait for all of them.
func (c *Couch) warm(stored int) {
	if stored == 0 {
		return
	}
	c.warming.Do(func() { c.warmed.Go(c.keepWarm) })
	select {
	case c.stored <- struct{}{}:
	default:
	}
}

// keepWarm updates the indexes while events are stored, until Close.
func (c *Couch) keepWarm() {
	for {
		select {
		case <-c.closing.Done():
			return
		case <-c.stored:
		}
		if err := c.touch(c.closing); err != nil && c.closing.Err() == nil {
			c.options.Log.Warn("updating the indexes of the event log failed; reads may be slow", "error", err)
		}
		select {
		case <-c.closing.Done():
			return
		case <-time.After(c.options.WarmPause):
		}
	}
}

// touch reads an empty range of each index.
func (c *Couch) touch(ctx context.Context) error {
	if err := c.index(ctx); err != nil {
		return err
	}
	for _, s := range scans() {
		if _, err := c.read(ctx, s.nothing()); err != nil {
			return err
		}
	}
	return nil
}
