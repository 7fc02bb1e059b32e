package institution

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"time"

	"sofipo/core/fault"
	"sofipo/core/wire"
)

// Limits of a logo.
const (
	MaxLogo  = 256 << 10 // bytes of its file
	MinSide  = 16        // pixels of width and height
	MaxSide  = 2000
	MaxRatio = 8 // of the longer to the shorter side
)

// The content types of a logo.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

// Logo is the image at the head of the documents.
type Logo struct {
	Media     string    `json:"media"`
	Width     int       `json:"width"` // pixels
	Height    int       `json:"height"`
	Hash      string    `json:"sha256"` // of Content, in hexadecimal
	ChangedBy string    `json:"changed_by"`
	ChangedAt time.Time `json:"changed_at"`
	Content   []byte    `json:"-"`
}

// AppendJSON adds the logo without its content.
func (l Logo) AppendJSON(b []byte) []byte {
	type plain Logo
	at := l.ChangedAt
	b = wire.JSON(b, struct {
		plain
		ChangedAt int `json:"changed_at,omitzero"` // hides the time, which has a form of its own
	}{plain: plain(l)})
	return append(wire.Time(append(b[:len(b)-1], `,"changed_at":`...), at), '}')
}

// NewLogo returns the logo of an image file. A PNG is encoded again, with 8 bits for each
// color and not interlaced, as a PDF needs it. Refused with Invalid unless the whole file is
// a PNG or a JPEG within the limits.
func NewLogo(content []byte) (Logo, error) {
	wrong := func(rule fault.Rule, values ...any) (Logo, error) {
		return Logo{}, fault.Wrong(fault.At("", rule, values...))
	}
	if len(content) > MaxLogo {
		return wrong(LogoBytes, "most", MaxLogo>>10)
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return wrong(LogoForm)
	}
	longer, shorter := max(size.Width, size.Height), min(size.Width, size.Height)
	if shorter < MinSide || longer > MaxSide || longer > MaxRatio*shorter {
		return wrong(LogoSize, "least", MinSide, "most", MaxSide, "ratio", MaxRatio)
	}
	l := Logo{Media: JPEG, Width: size.Width, Height: size.Height, Content: content}
	switch format {
	case "jpeg":
		if _, err = jpeg.Decode(bytes.NewReader(content)); err != nil {
			return wrong(LogoForm)
		}
	default:
		picture, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			return wrong(LogoForm)
		}
		l.Media, l.Content = PNG, encoded(picture)
	}
	sum := sha256.Sum256(l.Content)
	l.Hash = hex.EncodeToString(sum[:])
	return l, nil
}

// encoded returns a PNG with 8 bits for each color and with transparency.
func encoded(picture image.Image) []byte {
	at := picture.Bounds()
	flat := image.NewNRGBA(image.Rect(0, 0, at.Dx(), at.Dy()))
	for y := range at.Dy() {
		for x := range at.Dx() {
			flat.Set(x, y, picture.At(at.Min.X+x, at.Min.Y+y))
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, flat); err != nil {
		panic(err) // cannot happen: the image has a valid size, and a buffer takes all bytes
	}
	return out.Bytes()
}

// Letterhead is what documents show of the institution.
type Letterhead struct {
	Institution
	Logo *Logo // nil: none
}
