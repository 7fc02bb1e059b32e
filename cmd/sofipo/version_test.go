package main

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"

	"sofipo/web"
)

// TestVersionLine has a build of a clean checkout, of a changed one, and builds that
// recorded no commit.
func TestVersionLine(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"}
	modified := func(value string) debug.BuildSetting { return debug.BuildSetting{Key: "vcs.modified", Value: value} }
	platform := runtime.GOOS + "/" + runtime.GOARCH
	for _, c := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"clean", &debug.BuildInfo{GoVersion: "go1.26", Settings: []debug.BuildSetting{commit, modified("false")}}, "sofipo " + web.Version + " (commit 1a2b3c4) go1.26 " + platform},
		{"modified", &debug.BuildInfo{GoVersion: "go1.26", Settings: []debug.BuildSetting{commit, modified("true")}}, "sofipo " + web.Version + " (commit 1a2b3c4, modified) go1.26 " + platform},
		{"short revision", &debug.BuildInfo{GoVersion: "go1.26", Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "12"}}}, "sofipo " + web.Version + " (commit 12) go1.26 " + platform},
		{"no commit", &debug.BuildInfo{GoVersion: "go1.26"}, "sofipo " + web.Version + " go1.26 " + platform},
		{"no build information", nil, "sofipo " + web.Version + " " + runtime.Version() + " " + platform},
	} {
		if got := versionLine(c.info); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestVersionCommand prints one line that begins with the release.
func TestVersionCommand(t *testing.T) {
	want := regexp.MustCompile(`^sofipo ` + regexp.QuoteMeta(web.Version) + ` .*go1\.\S+ ` + runtime.GOOS + "/" + runtime.GOARCH + `\n$`)
	if status, printed, failed := sofipo(t, "version"); status != 0 || !want.MatchString(printed) || failed != "" {
		t.Errorf("got status %d, output %q, errors %q; want status 0 and a match of %s", status, printed, failed, want)
	}
}
