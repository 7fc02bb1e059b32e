package view

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	booked "sofipo/bank/institution"
	"sofipo/core/fault"
	"sofipo/core/institution"
	"sofipo/infra/db"
)

const institutionLife = 600 * time.Second

// Codecs of the cached answers.
var (
	institutionCodec = &Codec[institution.Institution]{
		Append: func(b []byte, i institution.Institution) []byte { return i.AppendJSON(b) },
		Parse: func(body []byte) (i institution.Institution, err error) {
			err = json.Unmarshal(body, &i)
			return i, err
		},
	}
	// logoCodec writes the JSON of the logo, a line end and the image; or noLogo.
	logoCodec = &Codec[*institution.Logo]{
		Append: func(b []byte, l *institution.Logo) []byte {
			if l == nil {
				return append(b, noLogo...)
			}
			return append(append(l.AppendJSON(b), '\n'), l.Content...)
		},
		Parse: parseLogo,
	}
)

// noLogo is the cached answer that there is no logo.
const noLogo = "none"

func parseLogo(body []byte) (*institution.Logo, error) {
	if string(body) == noLogo {
		return nil, nil
	}
	head, image, found := bytes.Cut(body, []byte("\n"))
	if !found {
		return nil, errors.New("the cached logo has no image")
	}
	l := &institution.Logo{Content: image}
	return l, json.Unmarshal(head, l)
}

// Institution returns the institution's data, which are empty before they are first recorded.
// Refused with access.Forbidden.
func (v *View) Institution(ctx context.Context, by By) (Answer[institution.Institution], error) {
	if err := by.may(institution.Read); err != nil {
		return Answer[institution.Institution]{}, err
	}
	return v.institution(ctx, by.Need)
}

func (v *View) institution(ctx context.Context, need uint64) (Answer[institution.Institution], error) {
	return cached(ctx, v, entry{institution.CacheKey, need, institutionLife}, institutionCodec, func(ctx context.Context, need uint64) (i institution.Institution, token uint64, err error) {
		batch, columns := &db.Batch{}, booked.Institutions.Columns.Except("name", "rfc")
		batch.Query("SELECT "+columns.List("")+" FROM institution", func(s db.Scanner) error {
			var r booked.Row
			err := columns.Scan(s, &r)
			if err == nil {
				err = booked.Institutions.Read(&r)
			}
			i = r.Institution
			return err
		})
		token, err = v.read(ctx, need, batch, func() { i = institution.Institution{} })
		return i, token, err
	})
}

// Logo returns the institution's logo. Refused with institution.LogoAbsent or
// access.Forbidden.
func (v *View) Logo(ctx context.Context, by By) (institution.Logo, error) {
	if err := by.may(institution.Read); err != nil {
		return institution.Logo{}, err
	}
	l, err := v.logo(ctx, by.Need)
	if err == nil && l == nil {
		err = fault.Refuse(institution.LogoAbsent)
	}
	if err != nil {
		return institution.Logo{}, err
	}
	return *l, nil
}

func (v *View) logo(ctx context.Context, need uint64) (*institution.Logo, error) {
	answer, err := cached(ctx, v, entry{institution.LogoCacheKey, need, institutionLife}, logoCodec, func(ctx context.Context, need uint64) (l *institution.Logo, token uint64, err error) {
		batch, columns := &db.Batch{}, booked.Logos.Columns
		batch.Query("SELECT "+columns.List("")+" FROM institution_logo", func(s db.Scanner) error {
			var row booked.Logo
			err := columns.Scan(s, &row)
			l = &row.Logo
			return err
		})
		token, err = v.read(ctx, need, batch, func() { l = nil })
		return l, token, err
	})
	if err != nil {
		return nil, err
	}
	return answer.Value()
}

// Letterhead returns what documents show of the institution. Every document may show it, so
// no permission is needed.
func (v *View) Letterhead(ctx context.Context, by By) (l institution.Letterhead, err error) {
	answer, err := v.institution(ctx, by.Need)
	if err == nil {
		l.Institution, err = answer.Value()
	}
	if err == nil {
		l.Logo, err = v.logo(ctx, by.Need)
	}
	return l, err
}
