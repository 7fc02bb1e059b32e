package simulation

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	recording "sofipo/bank/institution"
	"sofipo/bank/staff"
	"sofipo/core/access"
	core "sofipo/core/institution"
	staffing "sofipo/core/staff"
)

// found adds the branches and the users.
func (s *institution) found() {
	main := s.branches[0].Branch
	submit(s, founder, staff.ChangeBranch{Code: main.Code, BranchName: &main.Name, Address: &main.Address, Phone: &main.Phone}, ignore)
	for _, b := range s.branches[1:] {
		submit(s, founder, staff.AddBranch{Code: b.Code, BranchName: b.Name, Address: b.Address, Phone: b.Phone}, func(made staffing.Branch) error {
			b.ID = made.ID
			return nil
		})
	}
	submit(s, founder, staff.AddUser{Username: administrator, Password: s.Password, Role: string(access.Admin)}, ignore)
	for _, u := range Users() {
		submit(s, founder, staff.AddUser{Username: u.Name, Password: s.Password, FullName: u.FullName, Role: string(u.Role), Branch: u.Branch}, ignore)
	}
}

// recordInstitution records the data of the institution and its logo.
func (s *institution) recordInstitution() {
	submit(s, head, &recording.ChangeInstitution{Institution: core.Institution{
		Name: "Raíces Financieras", LegalName: "Raíces Financieras del Sureste, S.A. de C.V., S.F.P.", RFC: companyRFC("RFS", DefaultFrom.AddDays(-6_400), 77),
		Address: s.branches[0].Address, Phones: []string{"951 516 4100", "800 000 4100"}, Email: "contacto@raices.example.com", Web: "www.raices.example.com",
		Registrations: []core.Registration{{Register: "SIPRES", Number: "00000 (demostración)"}},
		UNE: core.Contact{
			Name: "Lic. Norma Jiménez Aragón", Address: s.branches[0].Address, Phone: "951 516 4110", Email: "une@raices.example.com", Hours: "Lunes a viernes, de 9:00 a 17:00 h",
		},
		Footer: "Institución simulada: todos los datos son ficticios.",
	}}, ignore)
	submit(s, head, &recording.ChangeLogo{Content: logo()}, ignore)
}

// logo draws a plant with three leaves in a circle, as a PNG.
func logo() []byte {
	const side = 240
	green, white := color.RGBA{0x1d, 0x6b, 0x4f, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	inside := func(x, y, cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}
	for py := range side {
		for px := range side {
			x, y := float64(px)+0.5, float64(py)+0.5
			stem := x > 115 && x < 125 && y > 90 && y < 190
			left := inside(x, y, 88, 118, 36, 36) && inside(x, y, 112, 142, 36, 36)
			right := inside(x, y, 152, 118, 36, 36) && inside(x, y, 128, 142, 36, 36)
			top := inside(x, y, 98, 76, 40, 40) && inside(x, y, 142, 76, 40, 40)
			switch {
			case stem, left, right, top:
				img.Set(px, py, white)
			case inside(x, y, side/2, side/2, side/2, side/2):
				img.Set(px, py, green)
			default:
				img.Set(px, py, white)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err) // cannot fail: the buffer takes everything
	}
	return out.Bytes()
}
