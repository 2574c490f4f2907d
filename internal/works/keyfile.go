package works

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/day"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/pseudonym"
	"sluss/internal/swede"
	"sluss/internal/workorder"
)

// KeyFileOrder is what two persons sign, each for themselves, before a key file
// leaves the vault: a decision maker and a releaser. All but By is the same in
// both, so that they approve the same thing. It is used once.
type KeyFileOrder struct {
	Type    string  `json:"type"` // workorder.TypeKeyFile
	By      string  `json:"by"`
	Project string  `json:"project"` // code of the project: the number of its first order
	Domain  string  `json:"domain"`  // as purge protocols and manifests name it
	Ground  string  `json:"ground"`  // decision or law that it rests on
	Reason  string  `json:"reason"`
	To      string  `json:"to"`    // age key of who gets it
	Nonce   string  `json:"nonce"` // drawn by who writes it, so that no two are the same
	Until   day.Day `json:"until"` // last day on which it can be used
}

// Opening is what is remembered of a key file that was opened, for good.
type Opening struct {
	Order KeyFileOrder `json:"order"` // without By
	Hash  canon.Hash   `json:"hash"`  // of that
	By    []string     `json:"by"`    // who approved
	On    day.Day      `json:"on"`
	Notes []string     `json:"notes"` // both signed approvals
}

// Openings remembers them. ErrTaken: one with that hash is there already.
type Openings interface {
	SaveOpening(ctx context.Context, o Opening) error
	Openings(ctx context.Context) ([]Opening, error)
}

// KeyFile asks for a key file.
type KeyFile struct {
	Approvals []string // signed notes
	Book      Openings
	// Seal closes w so that only the holder of the key reads it.
	Seal func(w io.Writer, recipient string) (io.WriteCloser, error)
}

// longestApproval bounds how far ahead an approval can reach, days.
const longestApproval = 31

// OpenKeyFile writes the key file of a domain, löpnummer and identity number in
// lines, sealed to who was approved to have it. It refuses (gates vault.keyfile_…)
// without two approvals of the same order by two persons, one that is too old,
// and one that has been used. That it was opened, by whom, for whom and why is
// stored before the first line is read. Nothing comes out in clear.
func (s *Service) OpenKeyFile(ctx context.Context, k KeyFile, w io.Writer) (Opening, int, error) {
	today := swede.CivilDay(s.Clock())
	o, err := s.approved(k.Approvals, today)
	if err != nil {
		return o, 0, err
	}
	t, err := s.domainByID(ctx, o.Order.Project, o.Order.Domain)
	if err != nil {
		return o, 0, err
	}
	id, err := s.Registers.Latest(ctx)
	if err != nil {
		return o, 0, err
	}
	snapshot, err := s.Registers.Open(ctx, id)
	if err != nil {
		return o, 0, err
	}
	defer snapshot.Close()
	c, err := k.Seal(w, o.Order.To)
	if err != nil {
		return o, 0, err
	}
	if err := k.Book.SaveOpening(ctx, o); errors.Is(err, ErrTaken) {
		return o, 0, keyFileRefused("used", "Godkännandena har redan använts.", "The approvals have been used already.")
	} else if err != nil {
		return o, 0, err
	}
	s.Log.WarnContext(ctx, "key file opened", "domain", o.Order.Domain, "by", strings.Join(o.By, ","), "order", string(o.Hash))
	lines := bufio.NewWriter(c)
	n, err := writeKeyFile(lines, t, snapshot)
	return o, n, errors.Join(err, lines.Flush(), c.Close())
}

// Kinds of identity in a key file of employers.
const (
	kindOrganisation = "organisation"
	kindTrader       = "enskild_naringsidkare"
)

// writeKeyFile writes löpnummer and identity number in lines; of employers also
// which of the two the number is: an organisation's, or the personnummer of a
// sole trader.
func writeKeyFile(w *bufio.Writer, t *pseudonym.Table, snapshot Snapshot) (n int, err error) {
	employers := t.Domain.Type == pseudonym.Employer
	header := "lopnr;personnummer\n"
	if employers {
		header = "lopnr;organisationsnummer;slag\n"
	}
	if _, err := w.WriteString(header); err != nil {
		return 0, err
	}
	for row := range t.All {
		line := strconv.FormatUint(row.Lopnr, 10) + ";" + snapshot.Number(row.Entity)
		switch {
		case employers && snapshot.Organisation(row.Entity):
			line += ";" + kindOrganisation
		case employers:
			line += ";" + kindTrader
		}
		if _, err := w.WriteString(line + "\n"); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// approved checks the approvals and returns what they approve.
func (s *Service) approved(notes []string, today day.Day) (Opening, error) {
	o := Opening{On: today, Notes: notes}
	if len(notes) != 2 {
		return o, keyFileRefused("two", "En nyckelfil öppnas med två personers godkännande.", "A key file is opened with the approval of two persons.")
	}
	var seen []order.Role
	for _, text := range notes {
		doc, role, name, err := s.approval(text)
		if err != nil {
			return o, err
		}
		if doc.By != name {
			return o, keyFileRefused("by", "Godkännandet anger en annan person än den som har undertecknat.", "The approval names another person than the one who signed it.")
		}
		doc.By = ""
		hash, err := canon.Of(doc)
		if err != nil {
			return o, err
		}
		if len(seen) > 0 && (hash != o.Hash || seen[0] == role || o.By[0] == name) {
			return o, keyFileRefused("two", "De två godkännandena ska gälla samma sak och komma från två personer, en beslutsfattare och en frisläppare.",
				"The two approvals must be of the same thing and come from two persons, a decision maker and a releaser.")
		}
		o.Order, o.Hash, o.By, seen = doc, hash, append(o.By, name), append(seen, role)
	}
	d := o.Order
	if d.Until < today || d.Until > today+longestApproval {
		return o, keyFileRefused("until", "Godkännandet gäller inte i dag; det kan gälla i högst 31 dagar.", "The approval does not hold today; it can hold for 31 days at most.")
	}
	if strings.TrimSpace(d.Ground) == "" || strings.TrimSpace(d.Reason) == "" || len(d.Nonce) < 8 || swede.Contains(d.Ground+" "+d.Reason) {
		return o, keyFileRefused("reason", "Ange grund, skäl (utan personnummer) och ett eget nummer på minst åtta tecken.", "Give ground, reason (without identity numbers) and a number of its own of at least eight characters.")
	}
	return o, nil
}

func (s *Service) approval(text string) (doc KeyFileOrder, role order.Role, name string, err error) {
	for _, role := range []order.Role{order.RoleDecider, order.RoleReleaser} {
		doc = KeyFileOrder{}
		if name, err = s.Open(text, workorder.TypeKeyFile, role, &doc); err == nil {
			return doc, role, name, nil
		}
	}
	f := keyFileRefused("signature", "Ett godkännande är inte undertecknat av en beslutsfattare eller frisläppare i valvets lista.", "An approval is not signed by a decision maker or releaser of the vault's list.")
	f.Err = err
	return doc, "", "", f
}

// domainByID finds the key file of persons or of employers.
func (s *Service) domainByID(ctx context.Context, project, id string) (*pseudonym.Table, error) {
	all, err := s.Records.Domains(ctx, project)
	if err != nil {
		return nil, err
	}
	d, ok := find(all, id)
	if !ok || d.State == pseudonym.Shredded || d.Type != pseudonym.Person && d.Type != pseudonym.Employer {
		return nil, keyFileRefused("none", "Det finns ingen sådan nyckelfil, eller så är den förstörd.", "There is no such key file, or it has been destroyed.")
	}
	orderID := strings.TrimSuffix(strings.TrimSuffix(d.ID, "-external"), "-"+string(d.Type))
	t, err := s.openDomain(ctx, orderID, d)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return t, nil
}

func keyFileRefused(rule, sv, en string) *fault.Fault {
	return workorder.Refused("keyfile_"+rule, 9, sv, en)
}
