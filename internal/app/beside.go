package app

import (
	"context"

	"sluss/internal/order"
)

// Beside is what stands beside the cases at the counter. Each part may be left
// out; what needs it is then refused.
type Beside struct{}

// vet looks at what the rules of room order cannot: whether a signed act is
// signed by who acts.
func (a *App) vet(_ context.Context, by order.Actor, _ order.State, cmd order.Command) error {
	return a.checkSignature(by, cmd)
}
