package layout_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"sofipo/core/institution"
	"sofipo/document/layout"
)

// logo returns a logo with a disc of the given size on a transparent ground.
func logo(t *testing.T, width, height int, photo bool) *institution.Logo {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		x, y := i%width-width/2, i/width-height/2
		if 4*(x*x+y*y) < min(width, height)*min(width, height) || photo {
			m.Set(i%width, i/width, color.NRGBA{R: 12, G: 88, B: 66, A: 255})
		}
	}
	var file bytes.Buffer
	err := png.Encode(&file, m)
	if photo {
		file.Reset()
		err = jpeg.Encode(&file, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := institution.NewLogo(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return &l
}

// TestLogoOnDocuments: every document has the logo, and no text stands on it.
func TestLogoOnDocuments(t *testing.T) {
	l := lived(t)
	receipt := layout.Receipt{Credit: l.Credit, Transaction: l.transactions[1], Next: date(2026, 3, 15), NextAmount: 2_619_83}
	plain := made(t, receipt.PDF)
	for name, of := range map[string]*institution.Logo{"wide": logo(t, 300, 60, false), "square": logo(t, 200, 200, false), "photo": logo(t, 120, 60, true)} {
		receipt.Institution.Logo = of
		receipt.Institution.LegalName, receipt.Institution.Name = receipt.Institution.Name, "Caja Ñandú"
		receipt.Institution.Registrations = []institution.Registration{{Register: "SIPRES", Number: "4321"}}
		receipt.Institution.Footer = "Conserve este recibo para cualquier aclaración."
		pdf := made(t, receipt.PDF)
		if bytes.Count(pdf, []byte("/Subtype /Image")) <= bytes.Count(plain, []byte("/Subtype /Image")) {
			t.Errorf("%s: got no image in the PDF, want the logo", name)
		}
		holds(t, strings.Join(read(t, pdf), "\n"), "Próximo vencimiento", "15 de marzo de 2026", "$2,619.83", "Conserve este recibo", "SIPRES 4321",
			"lunes a viernes de 9:00 a 18:00", "Página 1 de 1")
		if folder := os.Getenv("SAMPLES"); folder != "" {
			if err := os.WriteFile(folder+"/"+name+".pdf", pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		receipt.Institution.Name = receipt.Institution.LegalName
	}
}
