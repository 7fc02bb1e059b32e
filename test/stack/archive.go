package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"sofipo/deploy"
)

// pgBackRest is the part that Archive installs.
const pgBackRest Part = "pgbackrest"

// Archive archives the log of the primary with pgBackRest, configured as in deploy/pgbackrest. It
// restarts the primary.
func (s *Stack) Archive(ctx context.Context) error {
	if s.Primary.shared {
		return s.Primary.refuse()
	}
	if err := install(ctx, []Part{pgBackRest}); err != nil {
		return err
	}
	home := filepath.Join(s.folder, "backrest")
	if err := s.folderForPostgres(home); err != nil {
		return err
	}
	settings, err := deploy.PgBackRest.ReadFile("pgbackrest/archive.conf")
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	data := filepath.Join(s.folder, "primary", "data")
	text := strings.ReplaceAll(string(settings), "pgbackrest --stanza", "pgbackrest --config="+home+"/pgbackrest.conf --stanza")
	if err := appendTo(filepath.Join(data, "postgresql.conf"), text+"unix_socket_directories = '"+home+"'\n"); err != nil {
		return err
	}
	settings, err = deploy.PgBackRest.ReadFile("pgbackrest/pgbackrest.conf")
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	places := strings.NewReplacer("/var/lib/postgresql/15/main", data, "/var/run/postgresql", home+fmt.Sprintf("\npg1-port=%d", s.Primary.Port),
		"/var/lib/pgbackrest", home+"/repository\nlock-path="+home+"/lock\nspool-path="+home+"/spool")
	if err := s.writeForPostgres(filepath.Join(home, "pgbackrest.conf"), places.Replace(string(settings))); err != nil {
		return err
	}
	if err := s.Primary.Stop(); err != nil {
		return err
	}
	if err := s.Primary.start(ctx); err != nil {
		return err
	}
	return s.BackRest(ctx, "stanza-create")
}

// BackRest runs a command of pgBackRest, after Archive.
func (s *Stack) BackRest(ctx context.Context, args ...string) error {
	credential, err := accountOf(adminUser)
	if err != nil {
		return err
	}
	home := filepath.Join(s.folder, "backrest")
	cmd := ownCommand(home, "pgbackrest", append([]string{"--config=" + home + "/pgbackrest.conf", "--stanza=sofipo"}, args...)...)
	cmd.Env = append(cmd.Env, "PGPASSWORD="+s.secret)
	cmd.SysProcAttr.Credential = credential
	_, err = run(ctx, cmd)
	return err
}
