package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// issue writes a certificate with a serial number and its key, changed at a time.
func issue(t *testing.T, chain, key string, serial int64, at time.Time) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"sofipo.example"}}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{chain: {Type: "CERTIFICATE", Bytes: made}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// serial returns the serial number of the certificate at an address.
func serial(t *testing.T, at string) int64 {
	t.Helper()
	c, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// free returns an address that nobody uses.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestDoors serves HTTPS and a private address, renews the certificate while it serves, and leaves
// half a renewal unused.
func TestDoors(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	chain, key := filepath.Join(folder, "chain.pem"), filepath.Join(folder, "key.pem")
	began := time.Now().Add(-time.Hour)
	issue(t, chain, key, 1, began)
	c := newcomer(filepath.Join(folder, "data"))
	c.Addr, c.PrivateAddr, c.TLSCert, c.TLSKey = free(t), free(t), chain, key
	ctx, stop := context.WithCancel(t.Context())
	ended, ready := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- serve(ctx, &c.settings, c.logger(), occasions{ready: func(net.Addr) { close(ready) }})
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, q := range []struct {
		url    string
		status int
	}{
		{"https://" + c.Addr + "/healthz", 200}, {"https://" + c.Addr + "/metrics", 404}, {"https://" + c.Addr + "/docs", 404}, {"https://" + c.Addr + "/docs/", 404},
		{"https://" + c.Addr + "/openapi.json", 404}, {"https://" + c.Addr + "/console/sign-in", 200}, {"http://" + c.Addr + "/healthz", 400},
		{"http://" + c.PrivateAddr + "/metrics", 200}, {"http://" + c.PrivateAddr + "/docs/", 200}, {"http://" + c.PrivateAddr + "/openapi.json", 200},
		{"http://" + c.PrivateAddr + "/debug/pprof/", 200}, {"http://" + c.PrivateAddr + "/debug/pprof/heap", 200},
		{"http://" + c.PrivateAddr + "/debug/pprof/cmdline", 404}, {"https://" + c.Addr + "/debug/pprof/", 404}, {"https://" + c.Addr + "/debug/pprof/heap", 404}, {"https://" + c.Addr + "/debug/pprof/profile", 404},
		{"http://" + c.PrivateAddr + "/api/v1/clients/", 404}, {"http://" + c.PrivateAddr + "/console/", 404},
	} {
		answer, err := client.Get(q.url)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != q.status {
			t.Errorf("%s: got status %d, want %d", q.url, answer.StatusCode, q.status)
		}
		if h := answer.Header; answer.TLS != nil && (h.Get("Strict-Transport-Security") == "" || h.Get("X-Frame-Options") != "DENY" || h.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: got the headers %v, want Strict-Transport-Security, X-Frame-Options DENY and X-Content-Type-Options nosniff", q.url, h)
		}
	}
	if err := (&healthCommand{settings: c.settings}).askServer(ctx); err != nil {
		t.Errorf("sofipo health: got %v, want no error", err)
	}
	other := filepath.Join(folder, "other.pem")
	issue(t, other, filepath.Join(folder, "other-key.pem"), 9, began)
	stranger := c.settings
	stranger.TLSCert = other
	if err := (&healthCommand{settings: stranger}).askServer(ctx); err == nil {
		t.Error("sofipo health with another certificate: got no error, want one")
	}
	time.Sleep(checkCertificate)
	issue(t, chain, filepath.Join(folder, "new.pem"), 2, began.Add(time.Minute)) // its key is not in place yet
	if got := serial(t, c.Addr); got != 1 {
		t.Errorf("with half a renewal: got certificate %d, want 1", got)
	}
	if err := os.Rename(filepath.Join(folder, "new.pem"), key); err != nil {
		t.Fatal(err)
	}
	time.Sleep(checkCertificate)
	if got := serial(t, c.Addr); got != 2 {
		t.Errorf("after the renewal: got certificate %d, want 2", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("got %v at the end, want no error", err)
	}
}
