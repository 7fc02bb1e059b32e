package openapi

import "github.com/danielgtaylor/huma/v2"

type (
	// Decimal is the form of a number written with all its decimals.
	Decimal struct{}
	// DecimalOrNull is the form of a Decimal that may be null.
	DecimalOrNull struct{}
	// UUID is the form of an id.
	UUID struct{}
	// Date is the form of a day, YYYY-MM-DD.
	Date struct{}
)

// Schema describes the form.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal"}
}

// Schema describes the form.
func (DecimalOrNull) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Format: "decimal", Nullable: true}
}

// Schema describes the form.
func (UUID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// Schema describes the form.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}
