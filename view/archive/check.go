package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"sofipo/core/money"
)

// Check reads an archive and compares its files with its manifest: names, lines, bytes, SHA-256,
// sums, and the balances of the books, which must add up to zero.
func Check(path string) (m Manifest, err error) {
	in, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return m, fmt.Errorf("%s is no archive of sofipo export: %w", path, err)
	}
	var found []Entry
	books, complete := sums{}, false
	for files := tar.NewReader(unpacked); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("the archive is damaged after %d files: %w", len(found), err)
		}
		if complete {
			return m, fmt.Errorf("%s follows %s, which is the last file of an archive", head.Name, ManifestFile)
		}
		if head.Name == ManifestFile {
			if err := json.NewDecoder(files).Decode(&m); err != nil {
				return m, fmt.Errorf("%s: %w", ManifestFile, err)
			}
			complete = true
			continue
		}
		entry, err := read(head.Name, files, books)
		if err != nil {
			return m, err
		}
		found = append(found, entry)
	}
	switch {
	case !complete:
		return m, fmt.Errorf("%s is missing: the archive is incomplete", ManifestFile)
	case m.Format != Format:
		return m, fmt.Errorf("the archive has format %d; this program reads %d", m.Format, Format)
	}
	return m, compare(m, found, books)
}

// compare compares what was found with the manifest.
func compare(m Manifest, found []Entry, books sums) error {
	var wrong []error
	names := func(all []Entry) (names []string) {
		for _, e := range all {
			names = append(names, e.Name)
		}
		return names
	}
	if got, want := names(found), names(m.Files); !slices.Equal(got, want) {
		return fmt.Errorf("the archive has the files %v; its manifest has %v", got, want)
	}
	for i, want := range m.Files {
		got := found[i]
		switch {
		case got.Lines != want.Lines || got.Bytes != want.Bytes:
			wrong = append(wrong, fmt.Errorf("%s has %d lines and %d bytes; the manifest says %d and %d", got.Name, got.Lines, got.Bytes, want.Lines, want.Bytes))
		case got.SHA256 != want.SHA256:
			wrong = append(wrong, fmt.Errorf("%s has the SHA-256 %s; the manifest says %s", got.Name, got.SHA256, want.SHA256))
		}
		for _, member := range slices.Sorted(maps.Keys(want.Sums)) {
			if got.Sums[member] != want.Sums[member] {
				wrong = append(wrong, fmt.Errorf("the sum of %s of %s is %s; the manifest says %s", member, got.Name, got.Sums[member], want.Sums[member]))
			}
		}
	}
	var all money.Total
	for _, balance := range books {
		all = all.Plus(balance)
	}
	if all != (money.Total{}) {
		wrong = append(wrong, fmt.Errorf("the balances of all accounts add up to %s; they must add up to 0.00", all))
	}
	if got := books.texts(); !maps.Equal(got, m.Balances) {
		wrong = append(wrong, fmt.Errorf("the balances of the accounts are %v; the manifest says %v", got, m.Balances))
	}
	return errors.Join(wrong...)
}

// maxLine is the greatest length of a line.
const maxLine = 64 << 20

// read reads a file of JSON lines. It sums its amounts, which are texts with two decimals, and the
// balances of postings.
func read(name string, from io.Reader, books sums) (e Entry, err error) {
	sum, totals := sha256.New(), sums{}
	e.Name = name
	amounts := amountsOf(name)
	lines := bufio.NewScanner(io.TeeReader(from, sum))
	lines.Buffer(make([]byte, 1<<16), maxLine)
	for lines.Scan() {
		e.Lines++
		e.Bytes += int64(len(lines.Bytes())) + 1
		var members map[string]json.RawMessage
		if err := json.Unmarshal(lines.Bytes(), &members); err != nil {
			return e, fmt.Errorf("line %d of %s: %w", e.Lines, name, err)
		}
		for _, member := range amounts {
			var amount money.Amount
			if err := json.Unmarshal(bytes.Trim(members[member], `"`), &amount); err != nil {
				return e, fmt.Errorf("line %d of %s: %s: %w", e.Lines, name, member, err)
			}
			totals.add(member, amount)
			if name != postingsName+".jsonl" {
				continue
			}
			if member == creditMember {
				amount = -amount
			}
			var account string
			if err := json.Unmarshal(members[accountMember], &account); err != nil {
				return e, fmt.Errorf("line %d of %s: %s: %w", e.Lines, name, accountMember, err)
			}
			books.add(account, amount)
		}
	}
	e.SHA256, e.Sums = hex.EncodeToString(sum.Sum(nil)), totals.texts()
	return e, lines.Err()
}

// amountsOf returns the members of a file that are amounts.
func amountsOf(name string) (members []string) {
	for _, f := range Files() {
		if f.Name+".jsonl" != name {
			continue
		}
		for _, m := range f.Members {
			if m.Type == amountType {
				members = append(members, m.Name)
			}
		}
	}
	return members
}
