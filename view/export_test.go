package view

// SetMostFew changes the number of loans up to which they are read by their ids.
func SetMostFew(n int) { mostFew = n }
