package main

import (
	"bufio"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// logs is where the program's log goes. A line a request is a system call a
// request, so lines are gathered for a moment; main flushes at the end.
var logs = &logWriter{to: bufio.NewWriterSize(os.Stderr, 64<<10)}

// flushEvery is how long a line may lie in the buffer.
const flushEvery = 100 * time.Millisecond

type logWriter struct {
	mu      sync.Mutex
	to      *bufio.Writer
	pending bool
}

var _ io.Writer = (*logWriter)(nil)

// Write takes a line.
func (l *logWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.pending {
		l.pending = true
		time.AfterFunc(flushEvery, l.Flush)
	}
	return l.to.Write(line)
}

// Flush writes what was gathered.
func (l *logWriter) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = false
	_ = l.to.Flush() // there is nowhere to tell that standard error is gone
}

func (s *settings) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		panic(err) // kong accepted only the levels
	}
	log := slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: level}))
	slog.SetDefault(log) // for parts that are given none
	return log
}
