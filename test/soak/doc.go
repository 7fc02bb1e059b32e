// Package soak drives a server of the embedded stores for a long time and checks that its memory,
// goroutines and open files stay flat.
package soak
