package stack

import (
	"context"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
)

// browser is no part of a Stack: a test starts its own browsers with a Browser.
const browser Part = "browser"

// Browser has what page scripts of tests need: Node.js, Chromium, and the folder with the npm
// packages of the scripts.
type Browser struct{ Node, Chromium, Packages string }

// InstallBrowser returns the programs, which it installs if they are missing, and the npm
// packages of the files package.json and package-lock.json.
func InstallBrowser(ctx context.Context, files fs.FS) (b Browser, err error) {
	if err := install(ctx, []Part{browser}); err != nil {
		return b, err
	}
	folder, err := npmInstall(ctx, "browser", files)
	if err != nil {
		return b, fmt.Errorf("stack: npm packages of the browser: %w", err)
	}
	b.Packages = filepath.Join(folder, "package.json")
	if b.Node, err = exec.LookPath("node"); err != nil {
		return b, err
	}
	b.Chromium, err = exec.LookPath("chromium")
	return b, err
}
