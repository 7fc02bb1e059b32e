// Package seedform reads requests and words refusals as the Python system did that
// this one replaces, the seed: it is the only package that knows the seed's contract.
// A Binder fills an input from a request with the coercions of pydantic 1 and gives the
// flaws that it finds; Fields words flaws as the seed did. What the contract is, and
// where we depart from it, stands in docs/seed-differences.md.
package seedform
