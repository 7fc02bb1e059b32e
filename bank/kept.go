package bank

// Kept is a cache of rows that never change once stored. Each writer has its own and keeps it
// between batches. Table.Follow loads the missing rows.
type Kept[K comparable, V any] struct{ name string }

// Keep declares a cache of rows that never change.
func Keep[K comparable, V any](name string) *Kept[K, V] { return &Kept[K, V]{name} }

// In returns the cached rows of the book's writer.
func (k *Kept[K, V]) In(b *Book) map[K]V {
	if known, found := b.kept[k]; found {
		return known.(map[K]V)
	}
	made := map[K]V{}
	b.kept[k] = made
	return made
}
