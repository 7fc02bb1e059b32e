package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/bench/machine"
	"sofipo/core/civil"
	"sofipo/infra/db"
)

// closeCommand is the argument that makes this program close a day.
const closeCommand = "close"

// task is the close of a day.
type task struct {
	Config db.Config
	Day    civil.Date
}

// outcome is the result of a task.
type outcome struct {
	Loans        int64
	Began, Ended time.Time
	Memory       int64 // maximum, in bytes
	CPU          time.Duration
}

// closeApart runs the task in a separate process of this program.
func closeApart(ctx context.Context, t task) (o outcome, err error) {
	program, err := os.Executable()
	if err != nil {
		return o, err
	}
	text, err := json.Marshal(t)
	if err != nil {
		return o, err
	}
	cmd := exec.CommandContext(ctx, program, closeCommand)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		return o, fmt.Errorf("close of %s: %w", t.Day, err)
	}
	if err = json.Unmarshal(answer, &o); err == nil {
		o.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return o, err
}

// closer is the main function of that process.
func closer(ctx context.Context, from io.Reader, to io.Writer) error {
	var t task
	if err := json.NewDecoder(from).Decode(&t); err != nil {
		return err
	}
	o, err := closeHere(ctx, t)
	if err != nil {
		return err
	}
	return json.NewEncoder(to).Encode(o)
}

// closeHere runs the task in this process.
func closeHere(ctx context.Context, t task) (o outcome, err error) {
	database, err := db.Open(t.Config)
	if err != nil {
		return o, err
	}
	defer database.Close()
	now := noon(t.Day)
	b := bank.Open(bank.Options{DB: database, Clock: func() time.Time { return now }})
	defer b.Close()
	o.Began = time.Now()
	done, err := dayend.New(b, dayend.Options{}).CloseDay(ctx, by, t.Day, nil)
	if err != nil {
		return o, err
	}
	o.Loans, o.Ended = done.Loans, time.Now()
	_, o.Memory, err = machine.Memory(os.Getpid())
	return o, err
}
