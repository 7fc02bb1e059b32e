// Package seedform reads requests and formats errors as the seed does, the Python system
// that sofipo replaces. It is the only package that knows the seed's contract. A Binder
// decodes a request with the conversions of pydantic 1 and returns the flaws; Fields
// formats flaws as the seed does. docs/seed-differences.md lists the differences.
package seedform
