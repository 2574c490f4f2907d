package risk

import "math"

// Individual returns the risk of a record whose class has f records in the
// sample and an estimated weight records in the population: the expectation
// of 1/F given f, when F−f is negative binomial with success probability
// p = f/weight.
//
//	f = 1: p/(1−p) · ln(1/p)
//	f = 2: p/(1−p) − (p/(1−p))² · ln(1/p)
//	f > 2: p/(f−(1−p))
//
// A weight of at most f, which says that the sample has everybody, gives 1/f.
//
// Source: reference pseudonym §4.1; Benedetti & Franconi 1998.
func Individual(f int, weight float64) float64 {
	n := float64(f)
	if weight <= n {
		return 1 / n
	}
	p, q := n/weight, (weight-n)/weight
	if f > 2 {
		return p / (n - q)
	}
	log := -math.Log1p(-q) // ln(1/p), exact also where p is near 1
	if p < .5 {
		log = -math.Log(p)
	}
	if f == 1 {
		return p / q * log
	}
	if q < nearlyAll {
		return p - p*p*tail(q)
	}
	return p/q - (p/q)*(p/q)*log
}

// nearlyAll is the q = 1−p below which the formula for f = 2 would subtract
// two nearly equal numbers.
const nearlyAll = 1e-2

// tail returns 1/2 + q/3 + q²/4 + …, with which the formula for f = 2 is
// p − p²·tail(q): ln(1/p) = q + q²·tail(q), and p/q − p²/q = p.
func tail(q float64) float64 {
	sum := 0.0
	for i := 10; i >= 2; i-- {
		sum = sum*q + 1/float64(i)
	}
	return sum
}
