package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// helpOf returns what a command line prints before it ends.
func helpOf(t *testing.T, line string) string {
	t.Helper()
	var printed, failed bytes.Buffer
	parser := newParser(kong.Writers(&printed, &failed), kong.Exit(func(int) {}))
	parsed, err := parser.Parse(strings.Fields(line))
	if err == nil && !strings.HasSuffix(line, "--help") {
		err = parsed.Run()
	}
	if err != nil && printed.Len() == 0 {
		t.Fatalf("%s: got %v, want it printed", line, err)
	}
	return printed.String()
}

// TestHelpShowsTheCommandsOwnFlags: a page for each command, with its purpose and its own
// flags. Those that share the settings say where to find them.
func TestHelpShowsTheCommandsOwnFlags(t *testing.T) {
	flag := regexp.MustCompile(`(?m)^ {2,6}(?:-h, )?--(?:\[no-\])?([a-z-]+)`)
	want := map[string]string{
		"serve":           "help",
		"demo":            "help seed days clients from serve faults",
		"consume":         "help",
		"close":           "help date catch-up max-days wait progress",
		"migrate":         "help",
		"user add":        "help role full-name branch",
		"user passwd":     "help",
		"user disable":    "help",
		"user enable":     "help",
		"user branch":     "help",
		"branch add":      "help address phone",
		"role show":       "help",
		"payments import": "help account preview",
		"doctor":          "help verify from limit json",
		"backup":          "help",
		"restore":         "help verify",
		"export":          "help check personal-data events",
		"health":          "help consumer",
		"bench":           "help user password otp duration connections rate payments loans json",
	}
	seen := 0
	for _, command := range newParser().Model.Leaves(true) {
		name := command.Path()
		help := helpOf(t, name+" --help")
		var flags []string
		for _, found := range flag.FindAllStringSubmatch(help, -1) {
			flags = append(flags, found[1])
		}
		if !strings.HasPrefix(help, "Usage: sofipo "+name) || !strings.Contains(strings.Join(strings.Fields(help), " "), command.Help) {
			t.Errorf("%s: got\n%s\nwant its usage and its purpose", name, help)
		}
		if name == "settings" {
			continue
		}
		if shares := slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "profile" }); shares != strings.Contains(help, `"sofipo settings"`) || strings.Contains(help, "--profile") {
			t.Errorf("%s: got\n%s\nwant a reference to the settings %t, and no setting", name, help, shares)
		}
		if own, listed := want[name]; listed {
			seen++
			if got := strings.Join(flags, " "); got != own {
				t.Errorf("%s: got the flags %s, want %s", name, got, own)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("got %d of the commands, want %d", seen, len(want))
	}
}

// TestSettingsAreListed: each setting has its flag, its variable and its meaning, even if
// one of them is wrong.
func TestSettingsAreListed(t *testing.T) {
	t.Setenv("SOFIPO_PROFILE", productionProfile)
	t.Setenv("SOFIPO_KEEP_DAYS", "-1")
	list := helpOf(t, "settings")
	if helpOf(t, "settings --help") != list {
		t.Errorf("got another help than\n%s\nwant the same list", list)
	}
	settings := 0
	for _, command := range newParser().Model.Leaves(true) {
		for _, f := range command.Flags {
			if len(f.Envs) == 0 {
				continue
			}
			settings++
			if !strings.Contains(list, "--"+f.Name) || !strings.Contains(list, "$"+f.Envs[0]) {
				t.Errorf("got a list without --%s and %s, want both", f.Name, f.Envs[0])
			}
		}
	}
	if settings < 100 {
		t.Errorf("got %d flags that are settings, want those of several commands", settings)
	}
}
