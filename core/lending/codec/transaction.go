package codec

import (
	"encoding/json"
	"fmt"

	"sofipo/core/lending/servicing"
)

// ParseTransaction decodes the JSON of a stored transaction into m, which already has
// the other fields. newTerms is in the form of json.Marshal, empty if there are none;
// split is in the form of Split.AppendJSON.
func ParseTransaction(m *servicing.Transaction, newTerms, split string) error {
	if newTerms != "" {
		m.NewTerms = &servicing.NewTerms{}
		if err := json.Unmarshal([]byte(newTerms), m.NewTerms); err != nil {
			return fmt.Errorf("terms of transaction %s: %w", m.ID, err)
		}
	}
	if err := json.Unmarshal([]byte(split), &m.Split); err != nil {
		return fmt.Errorf("split of transaction %s: %w", m.ID, err)
	}
	m.Split.Operation, m.Split.Kind, m.Split.Date, m.Split.Amount = m.Number, m.Kind, m.ValueDate, m.Amount
	return nil
}
