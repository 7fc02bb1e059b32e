package main

import (
	"bufio"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// logs writes the log of the program. It buffers lines for a moment, to save a system
// call per request. main flushes it at the end.
var logs = &logWriter{to: bufio.NewWriterSize(os.Stderr, 64<<10)}

// flushEvery is the longest time that a line stays in the buffer.
const flushEvery = 100 * time.Millisecond

type logWriter struct {
	mu      sync.Mutex
	to      *bufio.Writer
	pending bool
}

var _ io.Writer = (*logWriter)(nil)

// Write buffers a line.
func (l *logWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.pending {
		l.pending = true
		time.AfterFunc(flushEvery, l.Flush)
	}
	return l.to.Write(line)
}

// Flush writes the buffered lines.
func (l *logWriter) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = false
	if err := l.to.Flush(); err != nil {
		// The lines are lost and the error cannot be reported. The buffer would refuse all
		// later lines too, such as those after a full disk has space again.
		l.to.Reset(os.Stderr)
	}
}

func (s *settings) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		panic(err) // kong accepted only the levels
	}
	var lines slog.Handler = slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: level})
	if on, _ := traces(); on { // serve and consume refuse wrong variables
		lines = tracedLog{lines}
	}
	log := slog.New(lines)
	slog.SetDefault(log) // for packages without a logger of their own
	return log
}
