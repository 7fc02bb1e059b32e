// Package api is the REST API. Each operation is declared once, as a value of type
// operation in the file of its resource. The routes, the permission check, the metrics
// and the OpenAPI document follow from these declarations. The API keeps the contract of
// the Python seed; docs/seed-differences.md lists the differences with their reasons.
package api
