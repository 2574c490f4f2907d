package intake

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/day"
)

// Rules about the ethics approval and what it covers.

func needsEthics(l *look) bool {
	return Sensitive(l.Application, l.cat) || l.Sensitive != nil && *l.Sensitive
}

func checkApproval(l *look) {
	if !needsEthics(l) {
		if !l.hasAttachment(AttachProjectPlan) {
			l.miss("attachments", "project_plan")
		}
		return
	}
	if !slices.ContainsFunc(l.Ethics.Approvals, func(a Approval) bool { return a.Kind == ApprovalFirst }) {
		l.miss("ethics.approvals", "approval")
	}
}

// applications are the kinds of attachments that an approval's application can
// be, by its kind.
var applications = map[string][]string{
	ApprovalFirst:     {AttachEthicsApplication},
	ApprovalAmendment: {AttachEthicsApplication, AttachEthicsAmendment},
	ApprovalAddition:  {AttachEthicsApplication, AttachEthicsSupplement},
}

func checkDecisions(l *look) {
	own := map[string]bool{} // decisions of applications and amendments; one can settle several supplements
	for i, a := range l.Ethics.Approvals {
		field := fmt.Sprintf("ethics.approvals[%d]", i)
		kinds, known := applications[a.Kind]
		if !known {
			l.miss(field+".kind", "approval.kind")
			kinds = []string{AttachEthicsApplication, AttachEthicsAmendment, AttachEthicsSupplement}
		}
		if a.Decided == 0 || a.Decided > l.on {
			l.miss(field+".decided", "approval.decided")
		}
		if a.Kind != ApprovalAddition {
			if a.Decision != "" && own[a.Decision] {
				l.miss(field+".decision", "approval.own_decision")
			}
			own[a.Decision] = true
		}
		if strings.TrimSpace(a.Number) == "" {
			l.miss(field+".number", "approval.number")
		}
		if !l.isAttached(a.Application, kinds...) {
			l.miss(field+".application", "approval.application")
		}
		if !l.isAttached(a.Decision, AttachEthicsDecision) {
			l.miss(field+".decision", "approval.decision")
		}
		if !a.Signed {
			l.miss(field+".signed", "approval.signed")
		}
	}
	checkLoose(l)
}

// checkLoose finds applications, supplements and amendments that are attached
// but that no decision is given for.
func checkLoose(l *look) {
	for i, at := range l.Attachments {
		if !slices.Contains([]string{AttachEthicsApplication, AttachEthicsSupplement, AttachEthicsAmendment}, at.Kind) {
			continue
		}
		if !slices.ContainsFunc(l.Ethics.Approvals, func(a Approval) bool { return a.Application == at.ID }) {
			l.miss(fmt.Sprintf("attachments[%d]", i), "attachment.undecided")
		}
	}
}

// The days between which boards have decided. Sources: SFS 2003:460, in force
// 2004-01-01; SFS 2018:147, Etikprövningsmyndigheten from 2019-01-01.
var (
	firstReviews   = day.MustParse("2004-01-01")
	authorityStart = day.MustParse("2019-01-01")
)

// checkBoards: a decision belongs to the board that decided on that day. The
// regional boards' decisions and those of Överklagandenämnden för
// etikprövning hold as they are.
func checkBoards(l *look) {
	for i, a := range l.Ethics.Approvals {
		field := fmt.Sprintf("ethics.approvals[%d]", i)
		if a.Decided == 0 || a.Decided > l.on {
			continue // said already
		}
		switch a.Board {
		case "", BoardAuthority:
			if a.Decided < authorityStart {
				l.miss(field+".board", "board.authority")
			}
		case BoardRegional:
			if a.Decided >= authorityStart || a.Decided < firstReviews {
				l.miss(field+".decided", "board.regional")
			}
		case BoardAppeals:
			if a.Decided < firstReviews {
				l.miss(field+".decided", "board.appeals")
			}
		default:
			l.miss(field+".board", "board")
		}
	}
}

func checkAnnexes(l *look) {
	for i, a := range l.Ethics.Approvals {
		n := 0
		for _, at := range l.Attachments {
			if at.Kind == AttachEthicsAnnex && at.Of == a.Application {
				n++
			}
		}
		if n < a.Annexes {
			l.miss(fmt.Sprintf("ethics.approvals[%d].annexes", i), "annexes", a.Annexes, n)
		}
	}
	for i, at := range l.Attachments {
		if at.Kind == AttachEthicsAnnex && !slices.ContainsFunc(l.Attachments, func(x Attachment) bool { return x.ID == at.Of && x.ID != at.ID }) {
			l.miss(fmt.Sprintf("attachments[%d].of", i), "annex.of")
		}
	}
}

// checkSupplements: a supplement rests on a decision that names it, or on one
// of its own; an amendment comes after what it amends, and research begins
// within two years of its approval.
func checkSupplements(l *look) {
	var first day.Day
	for i, a := range l.Ethics.Approvals {
		field := fmt.Sprintf("ethics.approvals[%d]", i)
		shared := slices.ContainsFunc(l.Ethics.Approvals, func(b Approval) bool { return b.Kind != ApprovalAddition && b.Decision == a.Decision })
		switch a.Kind {
		case ApprovalFirst:
			first = a.Decided
			if a.Decided > 0 && l.Project.Start > a.Decided.AddMonths(24) {
				l.miss("project.start", "approval.lapsed")
			}
		case ApprovalAddition:
			if shared && !a.NamedThere {
				l.miss(field+".named_in_decision", "supplement.named")
			}
		case ApprovalAmendment:
			if a.Decided > 0 && a.Decided < first {
				l.miss(field+".decided", "amendment.before")
			}
		}
	}
}

func checkCoverage(l *look) {
	if !needsEthics(l) {
		return
	}
	l.cover(CoverPopulation, "cover.population")
	for _, item := range basketItems(l.Application, l.cat) {
		if item.ID == CoverDiagnosis {
			l.cover(CoverDiagnosis, "cover.diagnosis")
		} else {
			l.cover(item.ID, "cover.benefit", item.Names)
		}
	}
	if l.Project.Deliveries > 1 {
		l.cover(CoverWithdrawals, "cover.withdrawals")
	}
	if l.Delivery.KeepKeyUntil != "" {
		l.cover(CoverKeptKey, "cover.kept_key")
	}
	if len(l.Project.Linkage) > 0 {
		l.cover(CoverLinkage, "cover.linkage")
	}
}

func (l *look) cover(item, key string, args ...any) {
	if !l.Covered(item) {
		l.miss("ethics.coverage."+item, key, args...)
	}
}

// covering returns the row of the matrix that supports an item.
func (a Application) covering(item string) (c Coverage, ok bool) {
	i := slices.IndexFunc(a.Ethics.Coverage, func(c Coverage) bool { return c.Item == item && c.Met })
	if i < 0 {
		return Coverage{}, false
	}
	return a.Ethics.Coverage[i], true
}

// checkSource asks for the second fact about each benefit and diagnosis: that
// the documents say where the data come from.
func checkSource(l *look) {
	if !needsEthics(l) {
		return
	}
	for _, item := range basketItems(l.Application, l.cat) {
		if c, ok := l.covering(item.ID); ok && (c.FromAuthority == nil || !*c.FromAuthority) {
			l.miss("ethics.coverage."+item.ID+".from_authority", "cover.source", item.Names)
		}
	}
}

// checkScope: the approval covers the period, the principal, the categories,
// and motivates the data.
func checkScope(l *look) {
	if !needsEthics(l) {
		return
	}
	l.cover(CoverMotivated, "cover.motivated")
	for _, c := range l.Categories {
		if n, ok := categoryNames[c]; ok {
			l.cover(CoverCategory+c, "cover.category", n)
		}
	}
	if c, ok := l.covering(CoverPrincipal); !ok {
		l.cover(CoverPrincipal, "cover.principal")
	} else if !slices.ContainsFunc(c.OrgNos, func(n string) bool { return orgDigits(n) == orgDigits(l.Principal.OrgNo) }) {
		l.miss("ethics.coverage."+CoverPrincipal+".principal_org_nos", "cover.other_principal")
	}
	c, ok := l.covering(CoverPeriod)
	if !ok {
		l.cover(CoverPeriod, "cover.period")
		return
	}
	if c.From == 0 || c.To < c.From {
		l.miss("ethics.coverage."+CoverPeriod+".period_from", "cover.period_days")
		return
	}
	for i, w := range l.Data {
		dated := w.From != 0 || w.To != 0
		if dated && w.From < c.From {
			l.miss(fmt.Sprintf("data[%d].from", i), "cover.period_early", c.From.String())
		}
		if dated && w.To > c.To {
			l.miss(fmt.Sprintf("data[%d].to", i), "cover.period_late", c.To.String())
		}
	}
}

// AllDiagnoses is the limit of an approval, or the wish, for every chapter.
const AllDiagnoses = "all"

// checkChapters: where the approval is limited to chapters of ICD-10-SE, the
// order is, too.
func checkChapters(l *look) {
	c, ok := l.covering(CoverDiagnosis)
	if !ok || !needsEthics(l) {
		return
	}
	limit := strings.TrimSpace(c.Limit)
	if limit == AllDiagnoses {
		return
	}
	approved := chapters(l.cat, limit)
	if approved == nil {
		l.miss("ethics.coverage."+CoverDiagnosis+".limit", "limit")
		return
	}
	for i, w := range l.Data {
		field := fmt.Sprintf("data[%d].diagnoses", i)
		switch {
		case !asksDiagnosis(w, l.cat):
		case len(w.Diagnoses) == 0:
			l.miss(field, "chapters.all", limit)
		default:
			for j, d := range w.Diagnoses {
				if slices.ContainsFunc(Chapter(l.cat, d), func(r string) bool { return !slices.Contains(approved, r) }) {
					l.miss(fmt.Sprintf("%s[%d]", field, j), "chapters.more", limit)
				}
			}
		}
	}
}

// chapters reads a list of chapters, separated by commas, semicolons or "and".
// It is nil when any of them is not a chapter.
func chapters(cat *catalog.Catalogue, list string) []string {
	var out []string
	for _, f := range strings.FieldsFunc(strings.NewReplacer(" och ", ",", " and ", ",", " - ", "-", "–", "-").Replace(list), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		c := Chapter(cat, f)
		if c == nil {
			return nil
		}
		out = append(out, c...)
	}
	return out
}

// checkPages: whoever says that an item is met says where.
func checkPages(l *look) {
	if !needsEthics(l) {
		return
	}
	for _, item := range Items(l.Application, l.cat) {
		c, ok := l.covering(item.ID)
		if !ok {
			continue
		}
		field := "ethics.coverage." + item.ID
		if !slices.ContainsFunc(l.Attachments, func(a Attachment) bool { return a.ID == c.Attachment && strings.HasPrefix(a.Kind, "ethics_") }) {
			l.miss(field+".attachment", "cover.attachment", item.Names)
		} else if c.Page < 1 {
			l.miss(field+".page", "cover.page", item.Names)
		}
	}
}

func checkIdentified(l *look) {
	if l.Identified && !l.Covered(CoverIdentified) {
		l.miss("ethics.coverage."+CoverIdentified, "cover.identified")
	}
}
