package main

import (
	"context"

	"sluss/internal/fault"
	"sluss/internal/login"
	"sluss/internal/showcase"
	"sluss/internal/signed"
)

// demoCast is the people of a demo with the keys that those who sign do it
// with. Only `sluss demo` makes one.
type demoCast struct{ shown showcase.Shown }

func (c *demoCast) signers() signed.Signers {
	if c == nil {
		return nil
	}
	return c.shown.Signers
}

func (c *demoCast) personas() []login.Persona {
	var out []login.Persona
	for _, p := range showcase.Cast() {
		out = append(out, login.Persona{ID: p.ID, Name: p.Name, Email: p.Email, Staff: p.Staff, Roles: p.Roles})
	}
	return out
}

// signAs signs in the name of a persona.
func (c *demoCast) signAs(person string, doc any) (string, error) {
	key := c.shown.Keys[person]
	if key == "" {
		return "", fault.New("demo.no_key", "Personen skriver inte under något i den här demon.", "The person signs nothing in this demo.").Do("Byt till den som beslutar, gör uttaget eller släpper.", "Change to whoever decides, extracts or releases.")
	}
	return signed.Sign(doc, key)
}

// markDemo makes the counter's database and marks it as a demo's, before there
// is anything in it.
func markDemo(ctx context.Context, p place) error {
	db, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.MarkDemo(ctx)
}
