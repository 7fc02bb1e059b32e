package fault

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrPanic means that the work panicked. Its text has the stack.
var ErrPanic = errors.New("panic")

// Guarded runs work and returns a panic as an error. A goroutine that a request or a timer starts
// needs it: a panic that nobody recovers ends the program.
func Guarded(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, p, debug.Stack())
		}
	}()
	return work()
}
