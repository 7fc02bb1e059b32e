package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sofipo/test/stack"
)

// TestDebianPackage builds the Debian package as release/build.sh does, looks at its files, and
// lets systemd verify the units.
func TestDebianPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program and nfpm")
	}
	sources, err := filepath.Glob("debian/*")
	if err != nil || len(sources) == 0 {
		t.Fatalf("got %d files in debian, %v, want some", len(sources), err)
	}
	for _, path := range sources { // so that go test notices a change
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	program, deb, tree := filepath.Join(folder, "sofipo"), filepath.Join(folder, "sofipo.deb"), filepath.Join(folder, "tree")
	env := append(os.Environ(), "CGO_ENABLED=0", "ARCH="+runtime.GOARCH, "VERSION=1.2.3", "BINARY="+program, "SOURCE_DATE_EPOCH=1796000000")
	command := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = root, env
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: got %v, want no error\n%s", name, strings.Join(args, " "), err, output)
		}
		return string(output)
	}
	command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./cmd/sofipo")
	command("go", "tool", "-modfile=release/go.mod", "nfpm", "package", "--config", "deploy/debian/nfpm.yaml", "--packager", "deb", "--target", deb)

	var got []string
	for line := range strings.Lines(command("dpkg-deb", "--contents", deb)) {
		f := strings.Fields(line)
		if mode, path := f[0], strings.TrimPrefix(f[len(f)-1], "."); !strings.HasSuffix(path, "/") {
			got = append(got, mode+" "+f[1]+" "+path)
		}
	}
	slices.Sort(got)
	want := []string{
		"-rw-r----- root/root /etc/sofipo/sofipo.env",
		"-rw-r--r-- root/root /lib/systemd/system/sofipo-consume.service",
		"-rw-r--r-- root/root /lib/systemd/system/sofipo.service",
		"-rw-r--r-- root/root /usr/share/doc/sofipo/CHANGELOG.md",
		"-rw-r--r-- root/root /usr/share/doc/sofipo/copyright",
		"-rw-r--r-- root/root /usr/share/doc/sofipo/operations.md",
		"-rwxr-xr-x root/root /usr/bin/sofipo",
		"-rwxr-xr-x root/root /usr/sbin/sofipoctl",
	}
	if !slices.Equal(got, want) {
		t.Errorf("files: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if fields := command("dpkg-deb", "--field", deb, "Package", "Version", "Architecture"); fields != "Package: sofipo\nVersion: 1.2.3-1\nArchitecture: "+runtime.GOARCH+"\n" {
		t.Errorf("fields: got %q, want sofipo 1.2.3-1 for %s", fields, runtime.GOARCH)
	}

	command("dpkg-deb", "--extract", deb, tree)
	if printed := command(filepath.Join(tree, "usr/bin/sofipo"), "version"); !strings.HasPrefix(printed, "sofipo ") {
		t.Errorf("sofipo version: got %q, want a version", printed)
	}
	for _, script := range []string{"deploy/debian/postinstall.sh", "deploy/debian/preremove.sh", "deploy/debian/postremove.sh", "deploy/debian/sofipoctl"} {
		command("sh", "-n", script)
	}
	analyze, err := stack.Tool(t.Context(), "systemd-analyze")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sofipo.service", "sofipo-consume.service"} {
		unit, err := os.ReadFile(filepath.Join(tree, "lib/systemd/system", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, bytes.ReplaceAll(unit, []byte("=/usr/bin/sofipo "), []byte("="+program+" ")), 0o600); err != nil {
			t.Fatal(err)
		}
		if warnings := command(analyze, "verify", "--man=no", path); warnings != "" {
			t.Errorf("%s: got %q, want no warning of systemd", name, warnings)
		}
	}
}
