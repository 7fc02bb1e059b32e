// Package files stores the bytes of documents under their SHA-256 hash, in a folder or in an
// S3-compatible store. A file is never changed. The hash is verified on each read.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Store stores files. Its methods may be called concurrently.
type Store interface {
	// Save stores the content durably and returns its hash. For content that is stored already,
	// now becomes the time at which it was saved; see Keeper.
	Save(ctx context.Context, content []byte) (hash string, err error)
	// Load returns the content with a hash: ErrMissing if there is none, ErrDamaged if it has
	// another hash.
	Load(ctx context.Context, hash string) ([]byte, error)
	// Size returns the size of the content with a hash in bytes, or ErrMissing.
	Size(ctx context.Context, hash string) (int64, error)
}

// Keeper is a Store whose content can be deleted.
type Keeper interface {
	Store
	// Delete deletes the content with a hash durably, or returns ErrRecent and leaves it if it was
	// saved after the time: whoever saved it may be about to use it. Content that is absent is
	// no error.
	Delete(ctx context.Context, hash string, before time.Time) error
}

// The errors of a store.
var (
	ErrMissing = errors.New("the store of files does not have this content")
	ErrDamaged = errors.New("the content in the store of files has been changed")
	ErrRecent  = errors.New("the content was saved only recently")
)

// hashOf returns the SHA-256 hash in hexadecimal.
func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// checkHash refuses what hashOf cannot return, because a hash becomes a part of a path.
func checkHash(hash string) error {
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size {
		return fmt.Errorf("%q is not a SHA-256 hash in hexadecimal: %w", hash, ErrMissing)
	}
	return nil
}

// verified returns the content, or ErrDamaged if it has another hash.
func verified(content []byte, hash string) ([]byte, error) {
	if hashOf(content) != hash {
		return nil, fmt.Errorf("%s: %w", hash, ErrDamaged)
	}
	return content, nil
}
