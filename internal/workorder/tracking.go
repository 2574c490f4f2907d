package workorder

import "sluss/internal/order"

// TrackingNumber returns the number of a registered letter as both sides of
// the wall write it; see [order.TrackingNumber].
func TrackingNumber(text string) (number string, ok bool) { return order.TrackingNumber(text) }
