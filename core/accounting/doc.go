// Package accounting is what all lines of business share of the books: the chart
// of accounts, the sheet that an entry is drawn up on, entries by hand, and how far
// days and months are closed. The chart is that of the domain handbook (§5.2) with
// the codes of the CNBV (§5.1) as data. The entries of a line's operations are in
// a package of the line, such as core/lending/entries.
//
// The memorandum accounts balance among themselves in every entry. A reversal
// swaps the sides of the entry that it undoes (§5.3).
package accounting
