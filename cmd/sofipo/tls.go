package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// checkCertificate is how often a server looks for a new certificate at most.
const checkCertificate = time.Second

// certificate is the TLS certificate of the server, read from files. A renewed file is used
// for the next connection. It is safe for concurrent use.
type certificate struct {
	files [2]string // certificate chain and key, in PEM
	log   *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed [2]time.Time // modification times of the files when they were read
	checked time.Time
}

// loadCertificate reads the files.
func loadCertificate(chain, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{files: [2]string{chain, key}, log: log}
	return c, c.load()
}

// load reads the files unless they are those that it read before.
func (c *certificate) load() error {
	var changed [2]time.Time
	for i, path := range c.files {
		about, err := os.Stat(path)
		if err != nil {
			return err
		}
		changed[i] = about.ModTime()
	}
	if c.loaded != nil && changed == c.changed {
		return nil
	}
	read, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err == nil {
		c.loaded, c.changed = &read, changed
	}
	return err
}

// get returns the certificate for a connection. If new files cannot be read, for example while
// only one is written, the connection gets the certificate from before.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= checkCertificate {
		c.checked = now
		before := c.changed
		if err := c.load(); err != nil {
			c.log.Warn("the new TLS certificate cannot be read", "error", err)
		} else if before != c.changed {
			c.log.Info("TLS certificate read again", "expires", c.loaded.Leaf.NotAfter)
		}
	}
	return c.loaded, nil
}

// tlsConfig returns the configuration of the server, or nil without a certificate.
func (s *settings) tlsConfig(log *slog.Logger) (*tls.Config, error) {
	if s.TLSCert == "" {
		return nil, nil
	}
	c, err := loadCertificate(s.TLSCert, s.TLSKey, log)
	if err != nil {
		return nil, fmt.Errorf("SOFIPO_TLS_CERT: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// trustOwn returns the configuration of a client that accepts the server's certificate alone, by
// whatever name the client calls the server, or nil without a certificate.
func (s *settings) trustOwn() (*tls.Config, error) {
	if s.TLSCert == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(s.TLSCert)
	if err != nil {
		return nil, fmt.Errorf("SOFIPO_TLS_CERT: %w", err)
	}
	own := x509.NewCertPool()
	if !own.AppendCertsFromPEM(pem) {
		return nil, errors.New("SOFIPO_TLS_CERT has no certificate")
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection checks the certificate, but not the name
		VerifyConnection: func(state tls.ConnectionState) error {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: own})
			return err
		},
	}, nil
}
