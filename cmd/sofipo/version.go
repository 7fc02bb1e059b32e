package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"sofipo/web"
)

type versionCommand struct{}

// Run prints the version and how the program was built.
func (versionCommand) Run() error {
	info, _ := debug.ReadBuildInfo() // nil if there is none
	fmt.Println(versionLine(info))
	return nil
}

// versionLine is the version, the commit if the build recorded one, the Go version
// and the platform.
func versionLine(info *debug.BuildInfo) string {
	settings := map[string]string{}
	goVersion := runtime.Version()
	if info != nil {
		goVersion = cmp.Or(info.GoVersion, goVersion)
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	line := "sofipo " + web.Version
	if revision := settings["vcs.revision"]; revision != "" {
		line += " (commit " + revision[:min(len(revision), 7)]
		if settings["vcs.modified"] == "true" {
			line += ", modified"
		}
		line += ")"
	}
	return fmt.Sprintf("%s %s %s/%s", line, goVersion, runtime.GOOS, runtime.GOARCH)
}
