package order

import "testing"

// TestCorrectAddress: mail goes to the corrected address from then on, the latest
// one holds, the application stays as it was; what is no address is refused.
func TestCorrectAddress(t *testing.T) {
	t.Parallel()
	w := at(t, research(), "draft_quote")
	was := w.s.Application
	for _, c := range []struct {
		CorrectAddress
		code string
	}{
		{CorrectAddress{"supplier", "a@b.se", "x"}, "order.address_of"},
		{CorrectAddress{"orderer", "", "x"}, "order.address"},
		{CorrectAddress{"orderer", "a@b", "x"}, "order.address"},
		{CorrectAddress{"orderer", "a@b@c.se", "x"}, "order.address"},
		{CorrectAddress{"orderer", "a b@c.se", "x"}, "order.address"},
		{CorrectAddress{"orderer", "a@c.se\nBcc: d@e.se", "x"}, "order.address"},
		{CorrectAddress{"orderer", "19121212-1212@c.se", "x"}, "order.address"},
		{CorrectAddress{"orderer", was.Orderer.Email, "x"}, "order.address_same"},
		{CorrectAddress{"orderer", "a@c.se", " "}, "order.address_why"},
		{CorrectAddress{"orderer", "a@c.se", "19121212-1212 ringde"}, "order.address_why"},
	} {
		w.refused(RoleRegistrar, c.CorrectAddress, c.code, 0)
	}
	w.refused(RoleOrderer, CorrectAddress{"orderer", "a@c.se", "x"}, "access.denied", 0)
	w.do(RoleRegistrar, CorrectAddress{"orderer", " a@c.se ", "Ringde"})
	w.do(RoleHandler, CorrectAddress{"orderer", "b@c.se", "Ringde igen"})
	w.do(RoleHandler, CorrectAddress{"representative", "r@c.se", "Ringde"})
	if w.s.MailTo("orderer") != "b@c.se" || w.s.MailTo("representative") != "r@c.se" || len(w.s.Addresses) != 2 || w.s.Application.Orderer != was.Orderer {
		t.Errorf("%+v %+v", w.s.Addresses, w.s.Application.Orderer)
	}
}
