package app

import (
	"sluss/internal/canon"
	"sluss/internal/fault"
)

// same refuses when what was signed is not what is to be done.
func same(signedDoc, given any) error {
	a, err := canon.Of(signedDoc)
	if err != nil {
		return err
	}
	b, err := canon.Of(given)
	if err != nil {
		return err
	}
	if a == b {
		return nil
	}
	return &fault.Fault{
		Code: "app.signed_other", Class: fault.Gate, Rule: "signature", Promise: 13, Law: "förvaltningslagen (2017:900) 31 §",
		SV: "Underskriften gäller något annat än det som ska göras.", EN: "The signature is under something else than what is to be done.",
	}
}
