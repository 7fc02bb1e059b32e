// Package browser tests the console in a browser: journeys of the users, and a visit of every
// page, which must be accessible, translated, small and safe.
//
// A page script (journeys/*.mjs) drives Chromium with playwright-core; the tests start the
// real binary with a simulated institution, on an embedded installation and on the real
// services, and run the scripts. To write a picture of every screen into a folder:
//
//	go test ./test/browser -run TestPages -pictures FOLDER
//
// The pictures of docs/guias are written by make guides (journeys/guides.mjs).
package browser
