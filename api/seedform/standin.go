package seedform

import (
	"maps"
	"slices"

	"sofipo/core/fault"
)

const legacy = "legacy"

// FlawsOf are the flaws of a refusal, those of the old form too.
func FlawsOf(e *fault.Error) []fault.Flaw {
	if e == nil {
		return nil
	}
	out := slices.Clone(e.Flaws)
	for _, f := range e.Fields {
		out = append(out, fault.Flaw{Path: f.Loc[1:], Rule: "other", Values: map[string]any{legacy: f}})
	}
	return out
}

func oldField(f fault.Field) Field {
	out := Field{Msg: f.Message, Type: f.Type}
	for _, name := range slices.Sorted(maps.Keys(f.Context)) {
		out.Ctx = append(out.Ctx, Value{name, f.Context[name]})
	}
	return out
}
