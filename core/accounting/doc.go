// Package accounting is what all lines of business share of the books: the chart
// of accounts, the sheet that an entry is drawn up on, entries by hand, and how far
// days and months are closed. The chart is docs/rules/accounting.md#internal-chart
// with the codes of the CNBV (docs/rules/accounting.md#cnbv-codes) as data. The entries of a line's operations are in
// a package of the line, such as core/lending/entries.
//
// The memorandum accounts balance among themselves in every entry. A reversal
// swaps the sides of the entry that it undoes.
package accounting
