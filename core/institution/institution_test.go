package institution_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"reflect"
	"strings"
	"testing"
	"time"

	"sofipo/core/fault"
	"sofipo/core/institution"
	"sofipo/core/mx"
)

func whole() institution.Institution {
	return institution.Institution{
		Name: "Caja Ñandú", LegalName: "Caja Ñandú, S.A. de C.V., S.F.P.", RFC: "CEJ100215AB1", Phones: []string{"55 1234 5678 ext. 12", "+52 800 123 4567"},
		Web: "www.nandu.example", Email: "hola@nandu.example", Registrations: []institution.Registration{{Register: "SIPRES", Number: "4321"}},
		UNE: institution.Contact{Name: "Rosa", Email: "une@nandu.example", Hours: "9 a 18"}, Legends: []string{"Una advertencia."}, Condusef: institution.Contact{},
		ChangedBy: "ana", ChangedAt: time.Date(2026, 11, 30, 1, 2, 3, 4000, time.UTC),
	}
}

func TestRoundTrip(t *testing.T) {
	want := whole()
	var got institution.Institution
	if err := json.Unmarshal(want.AppendJSON(nil), &got); err != nil {
		t.Fatal(err)
	}
	if got.ChangedAt = got.ChangedAt.UTC(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestChecked(t *testing.T) {
	if got, err := whole().Checked(mx.DefaultTier); err != nil || !reflect.DeepEqual(got, whole()) {
		t.Errorf("got %+v, %v; want the same data", got, err)
	}
	long := strings.Repeat("á", institution.MaxText+1)
	for field, change := range map[string]func(*institution.Institution){
		"name":                   func(i *institution.Institution) { i.Name = " " },
		"legal_name":             func(i *institution.Institution) { i.LegalName = long },
		"rfc":                    func(i *institution.Institution) { i.RFC = "CEJ101315AB1" },
		"address":                func(i *institution.Institution) { i.Address = "a\nb" },
		"phones.1":               func(i *institution.Institution) { i.Phones[1] = "123456789" },
		"phones":                 func(i *institution.Institution) { i.Phones = make([]string, 6) },
		"email":                  func(i *institution.Institution) { i.Email = "nadie" },
		"web":                    func(i *institution.Institution) { i.Web = "sin punto" },
		"registrations.0.number": func(i *institution.Institution) { i.Registrations[0].Number = "" },
		"une.phone":              func(i *institution.Institution) { i.UNE.Phone = "llámenos" },
		"condusef.web":           func(i *institution.Institution) { i.Condusef.Web = "x" },
		"legends.0":              func(i *institution.Institution) { i.Legends[0] = " " },
		"footer":                 func(i *institution.Institution) { i.Footer = "漢" },
	} {
		bad := whole()
		change(&bad)
		_, err := bad.Checked(mx.DefaultTier)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Name() != field {
			t.Errorf("%s: got %+v, want one flaw of that field", field, err)
		}
	}
}

// TestEventNamesFieldsOnly: the event of a change has no values.
func TestEventNamesFieldsOnly(t *testing.T) {
	before, after := whole(), whole()
	after.Address, after.UNE.Hours, after.ChangedBy = "Otra", "8 a 15", "luis"
	if got := institution.ChangedEvent(before, after).Payload.(institution.Changed).Fields; !reflect.DeepEqual(got, []string{"address", "une"}) {
		t.Errorf("got %v, want address and une", got)
	}
}

func TestNewLogo(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 40, 20))
	deep.Set(3, 3, color.NRGBA64{R: 0xffff, A: 0x8000})
	var file, photo bytes.Buffer
	if err := errors.Join(png.Encode(&file, deep), jpeg.Encode(&photo, deep, nil)); err != nil {
		t.Fatal(err)
	}
	l, err := institution.NewLogo(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := png.DecodeConfig(bytes.NewReader(l.Content))
	if err != nil || stored.ColorModel != color.NRGBAModel || l.Width != 40 || l.Height != 20 || len(l.Hash) != 64 {
		t.Errorf("got %v, %d by %d, hash %q, %v; want 8 bits for each color, 40 by 20 and a hash", stored, l.Width, l.Height, l.Hash, err)
	}
	if l, err = institution.NewLogo(photo.Bytes()); err != nil || l.Media != institution.JPEG || !bytes.Equal(l.Content, photo.Bytes()) {
		t.Errorf("got %s, %v; want the JPEG as it is", l.Media, err)
	}
	for name, content := range map[string][]byte{"half a PNG": file.Bytes()[:file.Len()/2], "half a JPEG": photo.Bytes()[:photo.Len()/2], "no image": []byte("GIF89a")} {
		if _, err := institution.NewLogo(content); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want %s", name, err, fault.Invalid)
		}
	}
}
