package bank

// Kept are rows that never change once they are stored, which a writer remembers over
// batches. A Table's Follow reads those that are missing.
type Kept[K comparable, V any] struct{ name string }

// Keep declares rows to be remembered.
func Keep[K comparable, V any](name string) *Kept[K, V] { return &Kept[K, V]{name} }

// In gives the rows that the book's writer remembers.
func (k *Kept[K, V]) In(b *Book) map[K]V {
	if known, found := b.kept[k]; found {
		return known.(map[K]V)
	}
	made := map[K]V{}
	b.kept[k] = made
	return made
}
