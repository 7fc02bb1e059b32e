package browser

import (
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/ground"
	"sofipo/test/program"
)

var guides = flag.String("guides", "", "folder of the repository into which TestGuidePictures writes the pictures of docs/guias")

// TestGuidePictures writes the pictures of docs/guias into the folder of the flag -guides, with
// few colours.
func TestGuidePictures(t *testing.T) {
	if *guides == "" {
		t.Skip("the flag -guides names no folder")
	}
	folder := filepath.Join(program.Root(), *guides)
	must(t, os.MkdirAll(folder, 0o755))
	h := open(t, ground.SQLite)
	admin := h.login(t, "admin")
	client, _, err := admin.Register(t.Context(), "Rosa María Luna Vega")
	must(t, err)
	loan, err := admin.Grant(t.Context(), client, "24000")
	must(t, err)
	references, err := admin.Send(t.Context(), "GET", "/api/v1/loans/"+loan+"/payment-references", nil)
	must(t, err)
	file := strings.Join([]string{
		"FECHA|CLAVE DE RASTREO|ABONO|CARGO|CONCEPTO|ORDENANTE",
		"02/03/2026|BSUR260302000201|1,163.64||PAGO " + references.Field("transfer") + "|ROSA MARIA LUNA VEGA",
		"02/03/2026|BSUR260302000202|850.00||PAGO DE PRESTAMO|JORGE GONZALEZ VELAZQUEZ",
		"02/03/2026|BSUR260302000203|12.345||PAGO|ANA NAJERA ORTIZ", "",
	}, "\n")

	// Two clients are on a list. The server compares all clients in the background.
	officer := h.login(t, "cumplimiento")
	for list, rows := range map[string]string{"LPB": "Martha Gómez Rivera\n", "PEP": "Daniel Martín Zúñiga Muñoz\n"} {
		answer, err := officer.SendBytes(t.Context(), "POST", "/api/v1/screening/lists/"+list+"/versions", "text/csv", []byte("full_name\n"+rows))
		must(t, err)
		if answer.Status >= 300 {
			t.Fatalf("list %s: got %d %s, want it imported", list, answer.Status, answer.Body)
		}
	}
	for found := 0; found < 2; time.Sleep(100 * time.Millisecond) {
		answer, err := officer.Send(t.Context(), "GET", "/api/v1/screening/alerts?status=open", nil)
		must(t, err)
		found = strings.Count(string(answer.Body), `"raised_at"`)
	}

	h.play(t, "guides", object{"folder": folder, "file": file}, nil)
	made, err := filepath.Glob(filepath.Join(folder, "*.png"))
	must(t, err)
	for _, name := range made {
		must(t, fewColours(name))
	}
}

// fewColours reduces a picture to its 64 most frequent colours and 191 that do not look alike; other
// colours become the nearest of them.
func fewColours(name string) error {
	data, err := os.Open(name)
	if err != nil {
		return err
	}
	defer data.Close()
	full, err := png.Decode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	bounds := full.Bounds()
	times, alike := map[color.Color]int{}, map[[3]uint32]color.Color{} // the most frequent of colours that look alike
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			times[full.At(x, y)]++
		}
	}
	more := func(a, b color.Color) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	}
	for c := range times {
		r, g, b, _ := c.RGBA()
		look := [3]uint32{r >> 12, g >> 12, b >> 12}
		if known, is := alike[look]; !is || more(c, known) < 0 {
			alike[look] = c
		}
	}
	frequent, distinct := slices.SortedFunc(maps.Keys(times), more), slices.SortedFunc(maps.Values(alike), more)
	palette := color.Palette(slices.Concat(frequent[:min(64, len(frequent))], distinct[:min(191, len(distinct))]))
	index := map[color.Color]uint8{}
	for c := range times {
		index[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			reduced.SetColorIndex(x, y, index[full.At(x, y)])
		}
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return cmp.Or(encoder.Encode(out, reduced), out.Close())
}
