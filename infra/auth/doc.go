// Package auth hashes passwords (argon2id) and signs and verifies bearer tokens (JWT with
// HS256 and rotating keys). It stores nothing. Users are rows of the database; package access
// defines the roles.
package auth
