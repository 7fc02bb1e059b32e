// Package formula computes the formulas that explain a figure, so that tests compare them with
// the figure.
package formula

import (
	"math/big"
	"strings"
)

// Value computes numbers with +, -, ×, / and parentheses. It reports whether the text is a
// formula.
func Value(text string) (*big.Rat, bool) {
	p := &parser{text: strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "×", "*")}
	value := p.sum()
	return value, value != nil && p.text == ""
}

type parser struct{ text string }

func (p *parser) next(accepted string) byte {
	if p.text == "" || !strings.Contains(accepted, p.text[:1]) {
		return 0
	}
	c := p.text[0]
	p.text = p.text[1:]
	return c
}

func (p *parser) sum() *big.Rat {
	left := p.term()
	for left != nil {
		c := p.next("+-")
		if c == 0 {
			break
		}
		right := p.term()
		switch {
		case right == nil:
			return nil
		case c == '+':
			left = new(big.Rat).Add(left, right)
		default:
			left = new(big.Rat).Sub(left, right)
		}
	}
	return left
}

func (p *parser) term() *big.Rat {
	left := p.number()
	for left != nil {
		c := p.next("*/")
		if c == 0 {
			break
		}
		right := p.number()
		switch {
		case right == nil:
			return nil
		case c == '*':
			left = new(big.Rat).Mul(left, right)
		default:
			left = new(big.Rat).Quo(left, right)
		}
	}
	return left
}

func (p *parser) number() *big.Rat {
	if p.next("(") != 0 {
		value := p.sum()
		p.next(")")
		return value
	}
	end := 0
	for end < len(p.text) && strings.ContainsRune("0123456789.", rune(p.text[end])) {
		end++
	}
	value, ok := new(big.Rat).SetString(p.text[:end])
	p.text = p.text[end:]
	if !ok {
		return nil
	}
	return value
}
