package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
)

// ChangeProduct adds a version to a product. It takes effect on its From date: today if zero,
// never earlier. The new version replaces all choices and applies to loans granted from that
// day on. Earlier versions and the loans granted on them do not change. A retired product
// becomes available again. If the newest version already is what is asked for, nothing changes
// and the answer is that version. Refused with Invalid or product.NotFound.
type ChangeProduct struct{ Product product.Product }

// Name returns the operation's name.
func (ChangeProduct) Name() string { return "change_product" }

// Permission returns the permission that the actor's role must have.
func (ChangeProduct) Permission() access.Permission { return product.Manage }

// Check refuses a product on which no loan could be granted. The code is not checked: Decide
// refuses an unknown one.
func (c ChangeProduct) Check(bank.Rules) error {
	c.Product.Code = "any"
	return checkProduct(c.Product)
}

// Needs requests the product.
func (c ChangeProduct) Needs(n *bank.Needs) { productByCode.Need(n, c.Product.Code) }

// Decide stages the next version.
func (c ChangeProduct) Decide(b *bank.Book) (product.Product, error) {
	if c.Product.Code == product.SeedCode && c.Product.Defaults().Frequency != schedule.Monthly {
		return product.Product{}, fault.Wrong(fault.At("frequency", product.SeedMonthly))
	}
	versions := productVersions(b, c.Product.Code)
	if len(versions) == 0 {
		return product.Product{}, fault.Refuse(product.NotFound)
	}
	newest := versions[len(versions)-1]
	made, err := nextVersion(b, c.Product, newest.Version+1)
	if err != nil {
		return made, err
	}
	if newest.Covers(made) {
		b.Subject(product.Subject(made.Code))
		return newest, nil
	}
	addVersion(b, made)
	b.Publish(product.ChangedEvent(made))
	return made, nil
}
