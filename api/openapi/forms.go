package openapi

import "github.com/danielgtaylor/huma/v2"

// Forms that types may have in JSON.
type (
	Decimal       struct{} // a number, written with all its decimals
	DecimalOrNull struct{}
	UUID          struct{}
	Date          struct{}
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
