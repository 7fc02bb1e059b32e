package bank

// SetSliceSize makes the closes of days write so many loans in one transaction.
func (b *Bank) SetSliceSize(loans int) { b.sliceSize = loans }

// SetMoveLimit makes them write loans with so many movements in one transaction.
func (b *Bank) SetMoveLimit(movements int) { b.moveLimit = movements }
