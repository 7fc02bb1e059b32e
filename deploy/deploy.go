// Package deploy holds what runs sofipo outside of a developer's machine: the
// Dockerfile, PostgreSQL's settings and the scripts of its primary and replica.
// docker-compose.yml, at the repository's root, uses them. The package has no
// code of its own; its tests check the compose file and run the scripts.
package deploy
