// Package auth knows passwords, roles and tokens: how a password is kept
// (argon2id), what each role may do (one table), and how a bearer token is
// signed and checked (JWT HS256 with rotating keys). It stores nothing; the
// users themselves are rows of infra/db.
package auth
