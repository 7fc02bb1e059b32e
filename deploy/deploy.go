// Package deploy has the files that run sofipo in production: the Dockerfile,
// PostgreSQL's settings and the scripts for its primary and replica, and the settings of its backups.
// docker-compose.yml, in the root folder of the repository, uses them. The tests check
// the compose file and run the scripts.
package deploy

import "embed"

// Patroni is the configuration of a cluster under Patroni, which the tests run.
//
//go:embed patroni
var Patroni embed.FS

// PgBackRest is the configuration of backups with pgBackRest, which the tests run.
//
//go:embed pgbackrest
var PgBackRest embed.FS
