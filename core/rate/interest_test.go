package rate

import (
	"errors"
	"math/big"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/money"
)

// TestInterest has the figures of docs/rules/interest.md on day counts and
// interest: 50,000 at 15 %.
func TestInterest(t *testing.T) {
	for _, c := range []struct {
		balance money.Amount
		rate    Annual
		f       civil.Fraction
		want    money.Amount
	}{
		{50_000_00, 150_000, civil.Actual360.Of(31), 645_83},
		{50_000_00, 150_000, civil.Actual360.Of(28), 583_33},
		{50_000_00, 150_000, civil.Thirty360.Of(30), 625_00},
		{50_000_00, 150_000, civil.Actual365.Of(31), 636_99},
		{1_799_33, 300_000, civil.Actual360.Of(10), 14_99},
		{100_000_00, 120_000, civil.Actual360.Of(91), 3_033_33},
		{20_000_00, 360_000, civil.Actual360.Of(31), 620_00},
		{50_000_00, 150_000, civil.ActualActual.Between(civil.Date{Year: 2023, Month: 12, Day: 22}, civil.Date{Year: 2024, Month: 1, Day: 22}), 635_81},
		{money.Max, 10_000_000, civil.ActualActual.Of(3_000), 82_191_780_821_917_726},
		{0, 150_000, civil.Actual360.Of(31), 0},
	} {
		if got, err := c.rate.Interest(c.balance, c.f, money.HalfUp); err != nil || got != c.want {
			t.Errorf("%s at %s over %+v: got %s, %v; want %s", c.balance, c.rate, c.f, got, err, c.want)
		}
	}
	for mode, want := range map[money.Rounding]money.Amount{money.HalfEven: 0, money.HalfUp: 1} {
		if got, err := Annual(500_000).Interest(1, civil.Actual360.Of(360), mode); err != nil || got != want {
			t.Errorf("half a centavo %s: got %d, %v, want %d", mode, got, err, want)
		}
	}
	if _, err := Annual(10_000_000).Interest(1<<62, civil.Actual360.Of(10_000), money.HalfUp); !errors.Is(err, money.ErrRange) {
		t.Errorf("too much interest: got %v, want %v", err, money.ErrRange)
	}
}

func TestIVA(t *testing.T) {
	f := civil.Actual360.Of(31)
	for _, c := range []struct {
		iva          IVA
		taxable, tax money.Amount
	}{
		{IVA{Rate: 160_000, Base: Nominal}, 620_00, 99_20},
		{IVA{Rate: 160_000}, 620_00, 99_20},
		{IVA{Rate: 80_000, Base: Nominal}, 620_00, 49_60},
		{IVA{}, 620_00, 0},
		{IVA{Rate: 160_000, Base: FixedPercent, Percent: 250_000}, 620_00, 24_80},
		{IVA{Rate: 160_000, Base: RealUDI, Inflation: 46_452}, 540_00, 86_40},
		{IVA{Rate: 160_000, Base: RealUDI, Inflation: 400_000}, 0, 0},
	} {
		taxable, err := c.iva.Taxable(620_00, 20_000_00, 360_000, f, money.HalfUp)
		if err != nil || taxable != c.taxable {
			t.Errorf("%+v: got taxable %s, %v, want %v", c.iva, taxable, err, c.taxable)
		}
		if tax, err := c.iva.On(taxable, money.HalfUp); err != nil || tax != c.tax {
			t.Errorf("%+v: got tax %s, %v, want %v", c.iva, tax, err, c.tax)
		}
	}
}

func TestGross(t *testing.T) {
	for _, c := range []struct {
		iva  IVA
		want *big.Rat
	}{
		{IVA{Rate: 160_000, Base: Nominal}, big.NewRat(174, 1000)},
		{IVA{Rate: 160_000, Base: FixedPercent, Percent: 500_000}, big.NewRat(162, 1000)},
		{IVA{Rate: 160_000, Base: RealUDI, Inflation: 50_000}, big.NewRat(166, 1000)},
		{IVA{Rate: 160_000, Base: RealUDI, Inflation: 160_000}, big.NewRat(150, 1000)},
	} {
		num, den := c.iva.Gross(150_000)
		if got := new(big.Rat).SetFrac(num, den); got.Cmp(c.want) != 0 {
			t.Errorf("%+v: got %s, want %s", c.iva, got, c.want)
		}
	}
}
