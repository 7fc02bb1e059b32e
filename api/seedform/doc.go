// Package seedform reads requests and formats errors as the seed did, the Python system
// that this one replaces. It is the only package that knows the seed's contract. A Binder
// decodes a request with the conversions of pydantic 1 and returns the flaws; Fields
// formats flaws as the seed did. docs/seed-differences.md lists the differences.
package seedform
