package web

// Version is the release of the program, as CHANGELOG.md names it.
const Version = "0.1.0"
