package api

import (
	"errors"
	"net/http"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/parcel/handout"
)

// parcel sends the sealed parcel in a way: whole or from a byte on, its list of
// parts, or a part.
func (p *programs) parcel(way func(http.ResponseWriter, *http.Request, handout.Parcel) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, id := r.Context(), r.PathValue("id")
		_, s, rel, err := p.look(ctx, id)
		if err != nil {
			return err
		}
		if !access.MaySee(who(ctx).Role, access.ViewParcel, rel, s) {
			return denied(who(ctx).Role, "fetch_parcel")
		}
		if err := p.Orders.LogRead(ctx, who(ctx).Person, id, access.ViewParcel); err != nil {
			return err
		}
		f, err := p.Orders.FetchParcel(ctx, id, who(ctx).Role)
		if errors.Is(err, app.ErrNotFound) {
			return noParcel()
		}
		if err != nil {
			return err
		}
		defer f.Close()
		return way(w, r, handout.Parcel{Name: id + ".sluss", Bytes: s.Delivery.Bytes, SHA256: s.Delivery.SHA256, Content: f})
	}
}

func noParcel() error {
	return failure(http.StatusNotFound, "api.no_parcel", "Det finns inget paket att hämta.", "There is no parcel to fetch.").
		do("Vänta på leveransen; efter gallring finns inget kvar.", "Wait for the delivery; nothing is left after the purge.")
}

// part sends the part that the address names.
func part(w http.ResponseWriter, r *http.Request, p handout.Parcel) error {
	no, err := strconv.Atoi(r.PathValue("no"))
	if err != nil {
		no = 0 // which there is not
	}
	return handout.ServePart(w, r, p, no)
}
