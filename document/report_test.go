package document

import (
	"reflect"
	"testing"

	"sofipo/core/id"
	"sofipo/document/layout"
	"sofipo/view"
)

// TestPagesOfATable: a table has what all pages have, in order, then the total.
func TestPagesOfATable(t *testing.T) {
	asked := 0
	all := rowsOfPages(func(p view.Paging) (view.Page[int], error) {
		asked++
		if p.After[0] != byte(asked-1) || p.Limit != pageSize {
			t.Errorf("page %d: got %+v, want the page after %v with the limit %v", asked, p, byte(asked-1), pageSize)
		}
		return view.Page[int]{Items: []int{asked, asked * 10}, Next: id.ID{byte(asked % 3)}}, nil
	}, func(n int) layout.Row { return layout.Row{Cells: cells(n)} }, func() layout.Row { return layout.Row{Total: true} })
	var got []any
	for row, err := range all {
		if got = append(got, row.Cells...); err != nil || row.Total != (len(row.Cells) == 0) || row.Total != (len(got) == 6 && row.Cells == nil) {
			t.Errorf("got the row %+v, %v after %v, want the total, without cells, only after the last page", row, err, got)
		}
	}
	if !reflect.DeepEqual(got, cells(1, 10, 2, 20, 3, 30)) || asked != 3 {
		t.Errorf("got %v in %d pages, want %+v in 3", got, asked, cells(1, 10, 2, 20, 3, 30))
	}
}
