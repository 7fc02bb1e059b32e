package simulation

import (
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
)

// notice is the version of the privacy notice that clients accept.
const notice = "2024-03"

// register registers a borrower with a file, which belongs to the officer of the branch. A few
// clients are registered with their name, e-mail and RFC alone, and have no file yet.
func (s *institution) register(b *borrower, then func() error) {
	officer := b.staff("oficial")
	if happens(b.rng, 6) && !b.company() {
		submit(s, officer, &clients.RegisterClient{FullName: b.name, Email: b.email, RFC: b.rfc}, func(c client.Client) error {
			s.registered(b, c.ID)
			s.assign(b)
			if happens(b.rng, 50) {
				address := "nuevo." + b.email
				s.in(between(b.rng, 20, 200), func() {
					if !b.gone {
						submit(s, officer, &clients.UpdateClient{ID: b.id, Changes: client.Changes{Email: &address}}, ignore)
					}
				})
			}
			return then()
		})
		return
	}
	for i := range b.file.Identifications { // valid for some years
		b.file.Identifications[i].ExpiresOn = civil.On(int(s.today.Year)+between(b.rng, 1, 9), time.December, 31)
	}
	submit(s, officer, &clients.RegisterFile{File: b.file, Confirmed: b.confirms}, func(d client.Dossier) error {
		s.registered(b, d.ClientID)
		s.assign(b)
		s.completeFile(b)
		return then()
	})
}

// registered records the id of a client.
func (s *institution) registered(b *borrower, clientID id.ID) {
	b.id = clientID
	s.clients[clientID] = b
}

// assign gives a client to the officer of the branch.
func (s *institution) assign(b *borrower) {
	submit(s, b.staff("gerente"), lending.ReassignClient{ClientID: b.id, Officer: b.staff("oficial")}, ignore)
}

// completeFile adds consents, the copy of the identification and the risk grade to a file.
// Each is missing in some files.
func (s *institution) completeFile(b *borrower) {
	officer := b.staff("oficial")
	if happens(b.rng, 93) {
		for _, kind := range []client.ConsentKind{client.PrivacyNotice, client.BureauQuery} {
			consent := client.Consent{ClientID: b.id, Kind: kind, Version: notice, Channel: client.OnPaper}
			submit(s, officer, &clients.RecordConsent{Consent: consent}, ignore)
		}
	}
	if s.copyOfID.SHA256 != "" && happens(b.rng, 90) {
		b.documented = true
		document := s.copyOfID
		document.ClientID, document.Kind, document.Name = b.id, client.IdentificationCopy, "credencial.png"
		if b.company() {
			document.Kind, document.Name = client.IncorporationDeed, "acta-constitutiva.png"
		}
		submit(s, officer, &clients.AddDocument{Document: document}, ignore)
	}
	if happens(b.rng, 92) {
		grade := clients.GradeRisk{ID: b.id, Grade: client.LowRisk, Reason: "Persona conocida en la plaza; ingresos comprobables."}
		switch {
		case b.company() || happens(b.rng, 10):
			grade.Grade, grade.Reason = client.MediumRisk, "Actividad con manejo de efectivo."
		case happens(b.rng, 2):
			grade.Grade, grade.Reason = client.HighRisk, "Operaciones de terceros; revisar origen de los recursos."
		}
		submit(s, compliance, &grade, ignore)
	}
}
