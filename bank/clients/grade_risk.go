package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// GradeRisk sets the risk grade of a client, with its reason. Refused with Invalid or
// client.NotFound.
type GradeRisk struct {
	ID     id.ID
	Grade  client.RiskGrade
	Reason string
}

// Name returns the operation's name.
func (*GradeRisk) Name() string { return "grade_client_risk" }

// Permission returns the permission that the actor's role must have.
func (*GradeRisk) Permission() access.Permission { return client.GradeRisk }

// Check validates the grade and the reason.
func (c *GradeRisk) Check(bank.Rules) (err error) {
	c.Reason, err = client.CheckGrade(c.Grade, c.Reason)
	return err
}

// Needs requests the file.
func (c *GradeRisk) Needs(n *bank.Needs) { needFile(n, c.ID) }

// Decide stages the grade.
func (c *GradeRisk) Decide(b *bank.Book) (client.Dossier, error) {
	e, err := open(b, c.ID)
	if err != nil {
		return e.Dossier, err
	}
	e.Grades = append(e.Grades[:len(e.Grades):len(e.Grades)], client.Grade{Grade: c.Grade, Reason: c.Reason, By: b.Actor(), At: b.Now()})
	err = e.save(b, c.Name(), []string{"risk"})
	return e.Dossier, err
}
