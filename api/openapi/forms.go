package openapi

import "github.com/danielgtaylor/huma/v2"

type (
	// Decimal describes a number with a fixed number of decimals.
	Decimal struct{}
	// DecimalOrNull describes a Decimal or null.
	DecimalOrNull struct{}
	// UUID describes an id.
	UUID struct{}
	// Date describes a date as YYYY-MM-DD.
	Date struct{}
)

// Schema returns the schema.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal"}
}

// Schema returns the schema.
func (DecimalOrNull) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal", Nullable: true}
}

// Schema returns the schema.
func (UUID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// Schema returns the schema.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}
