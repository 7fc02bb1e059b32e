// Package api is the REST door. Each operation is declared once, as a value of
// type operation next to the other operations of its resource; the mux, the
// permission check, the metrics and the OpenAPI document all follow from that
// table. The contract is the Python seed's, kept where a client could notice;
// docs/seed-differences.md lists what was changed and why.
package api
