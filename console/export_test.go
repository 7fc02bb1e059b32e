package console

import "sofipo/core/access"

// Needs returns the permission of each page and form, by its pattern.
func Needs() map[string]access.Permission {
	all := map[string]access.Permission{}
	for _, r := range routes {
		all[r.pattern] = r.need
	}
	return all
}
