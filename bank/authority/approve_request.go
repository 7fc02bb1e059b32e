package authority

import (
	"encoding/json"
	"fmt"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// ApproveRequest approves a request that somebody else filed and carries out its command with
// the authority of the actor. The order is that of the request, which the caller has read.
// Refused with authority.RequestNotFound, RequestDecided, RequestOutdated or Exceeded,
// access.FourEyes, and with what the command is refused with.
type ApproveRequest struct {
	ID     id.ID
	Order  bank.Order
	Reason string // may be empty
}

// Name returns the operation's name.
func (ApproveRequest) Name() string { return "approve_request" }

// Permission returns the permission that the actor's role must have.
func (ApproveRequest) Permission() access.Permission { return authority.Judge }

// Check validates the reason and the command.
func (c ApproveRequest) Check(r bank.Rules) error {
	if err := checkDecision(c.Reason); err != nil {
		return err
	}
	return c.Order.Check(r)
}

// checkDecision validates the reason of a decision, which may be empty.
func checkDecision(reason string) error {
	if reason == "" {
		return nil
	}
	return authority.CheckReason(reason, "reason")
}

// Needs requests the request, and what the command needs.
func (c ApproveRequest) Needs(n *bank.Needs) {
	requestByID.Need(n, c.ID)
	c.Order.Needs(n)
}

// Authority requires another person than the one who filed the request, with the authority
// that the command needs.
func (c ApproveRequest) Authority(b *bank.Book) (bank.Authority, error) {
	r, waits, err := decidable(b, c.ID)
	if !waits || err != nil {
		return bank.Authority{}, err
	}
	defer b.OnBehalf(r.FiledBy)()
	needed, err := c.Order.Authority(b)
	if err == nil && len(needed.Uses) > 0 && needed.Uses[0].Amount > r.Exposure {
		err = fault.Refuse(authority.RequestOutdated, "exposure", needed.Uses[0].Amount, "filed", r.Exposure)
	}
	needed.Second, needed.Makers = false, append(filerOf(r), needed.Makers...)
	return needed, err
}

// Decide stages the approval and what the command changes.
func (c ApproveRequest) Decide(b *bank.Book) (Carried, error) {
	r, err := decide(b, c.ID, authority.Approved, c.Reason)
	if err != nil {
		return Carried{}, err
	}
	if r.Operation != c.Order.Operation || r.Command != c.Order.Body {
		return Carried{}, fmt.Errorf("request %s: its command is not the one that was read", r.ID)
	}
	defer b.OnBehalf(r.FiledBy)()
	answer, err := c.Order.Decide(b)
	if err != nil {
		return Carried{}, err
	}
	result, err := json.Marshal(answer)
	return Carried{r, result}, err
}

// Carried is an approved request with the answer of its command.
type Carried struct {
	Request authority.Request `json:"request"`
	Answer  json.RawMessage   `json:"answer"`
}

// AppendJSON adds the request with the answer as JSON.
func (c Carried) AppendJSON(b []byte) []byte {
	b = c.Request.AppendJSON(append(b, `{"request":`...))
	return append(append(append(b, `,"answer":`...), c.Answer...), '}')
}
