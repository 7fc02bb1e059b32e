// Package accounting has the part of the books that all lines of business share: the
// chart of accounts (Chart, Find), the construction of entries (Booking, Sheet, Mirror),
// manual entries (ManualEntry), and the closing of days and periods (CloseState, Period).
// The entries of the operations of one line of business are in a package of that line,
// such as core/lending/entries.
//
// The chart is data in chart.csv, from docs/rules/accounting.md#internal-chart with the
// codes of the CNBV (docs/rules/accounting.md#cnbv-codes).
//
// In every entry, the lines on memorandum accounts balance on their own. A reversal is a
// mirror entry: the reversed entry with its sides swapped. No entry is ever changed.
package accounting
