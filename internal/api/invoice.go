package api

import (
	"errors"
	"net/http"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/peppol"
)

// invoice sends the invoice of a case, or the credit note that the address
// numbers, as Peppol BIS Billing 3.0 (xml) or as the finance system's lines (csv).
func (p *programs) invoice(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, s, rel, err := p.look(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !access.MaySee(who(ctx).Role, access.ViewInvoice, rel, s) {
		return denied(who(ctx).Role, "get_invoice")
	}
	f, err := peppol.WriteNo(s, p.Authority, r.PathValue("no"), r.PathValue("format"))
	if errors.Is(err, peppol.ErrNothing) {
		return app.ErrNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", f.Type)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.Name+`"`)
	_, err = w.Write(f.Body)
	return err
}
