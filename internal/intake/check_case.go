package intake

import (
	"fmt"
	"slices"
	"strings"

	"sluss/internal/day"
	"sluss/internal/swede"
)

// Rules about the parties, the project, the delivery and the case itself.

func checkForm(l *look) {
	if l.Form < 0 || l.Form > CurrentForm {
		l.miss("form", "form")
	}
}

// childKinds are the kinds of child cases.
var childKinds = []string{ChildAmendment, ChildExtension, ChildRenewed, ChildRetention}

func checkChild(l *look) {
	if l.Child == (Child{}) {
		return
	}
	if !slices.Contains(childKinds, l.Child.Kind) {
		l.miss("child.kind", "child.kind")
	}
	if strings.TrimSpace(l.Child.Parent) == "" {
		l.miss("child.parent", "child.parent")
	}
	if strings.TrimSpace(l.Child.Reason) == "" {
		l.miss("child.reason", "child.reason")
	}
	if l.Child.Kind == ChildRetention && l.Delivery.RetentionMonths == 0 {
		l.miss("delivery.retention_months", "child.retention")
	}
}

func checkParties(l *look) {
	if strings.TrimSpace(l.Title) == "" {
		l.miss("title", "title")
	}
	if strings.TrimSpace(l.Principal.Name) == "" {
		l.miss("principal.name", "principal.name")
	}
	if !slices.Contains([]string{PrincipalAuthority, PrincipalPrivate, PrincipalEquated}, l.Principal.Kind) {
		l.miss("principal.kind", "principal.kind")
	}
	if l.Principal.Representative.Name == "" || l.Principal.Representative.Email == "" {
		l.miss("principal.representative", "principal.representative")
	}
	if l.Orderer.Name == "" || l.Orderer.Email == "" {
		l.miss("orderer", "orderer")
	}
}

// checkAddresses looks at the form of addresses, not at whether they work.
func checkAddresses(l *look) {
	if e := l.Principal.Representative.Email; e != "" && !isAddress(e) {
		l.miss("principal.representative.email", "email")
	}
	if e := l.Orderer.Email; e != "" && !isAddress(e) {
		l.miss("orderer.email", "email")
	}
	for i, p := range l.CoOrderers {
		if p.Name == "" || !isAddress(p.Email) {
			l.miss(fmt.Sprintf("co_applicants[%d]", i), "co_applicant")
		}
	}
}

func isAddress(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	first, last, dot := strings.Cut(host, ".")
	return ok && name != "" && dot && first != "" && last != "" && !strings.HasSuffix(last, ".") && !strings.ContainsAny(s, " \t,;<>") && !strings.Contains(host, "@")
}

func checkOrgNo(l *look) {
	if c := l.Principal.Country; c != "" && c != "SE" {
		l.miss("principal.country", "principal.foreign")
		return
	}
	if _, err := swede.ParseOrganisation(l.Principal.OrgNo, l.on, swede.Real); err != nil {
		l.miss("principal.org_no", "principal.org_no")
	}
}

// checkKind compares the kind of principal with what else is said about it.
// Numbers of state authorities, municipalities and regions begin with 2.
func checkKind(l *look) {
	digits := orgDigits(l.Principal.OrgNo)
	public := strings.HasPrefix(digits, "2")
	switch l.Principal.Kind {
	case PrincipalAuthority:
		if digits != "" && !public {
			l.miss("principal.kind", "kind.not_authority")
		}
	case PrincipalPrivate:
		if public {
			l.miss("principal.kind", "kind.not_private")
		}
	case PrincipalEquated:
		if strings.TrimSpace(l.Principal.EquatedAs) == "" {
			l.miss("principal.equated_as", "principal.equated_as")
		}
	}
}

func checkProject(l *look) {
	if strings.TrimSpace(l.Project.Questions) == "" {
		l.miss("project.questions", "project.questions")
	}
	if l.Project.Start >= l.Project.End {
		l.miss("project.end", "project.end")
	} else if l.FormVersion() >= 2 && l.Project.End < l.on {
		l.miss("project.end", "project.over")
	}
	if l.Project.Deliveries < 1 {
		l.miss("project.deliveries", "project.deliveries")
	}
}

// theses are words for students' theses. A doctoral thesis is research.
var theses = []string{"kandidatuppsats", "magisteruppsats", "masteruppsats", "examensarbete", "c-uppsats", "d-uppsats", "bachelor thesis", "bachelor's thesis", "master thesis", "master's thesis"}

// checkThesis asks about students' theses, which are not research in the sense
// of the law. A form that has no such question is judged by its title.
func checkThesis(l *look) {
	switch answer := l.Project.Thesis; {
	case answer != nil && *answer:
		l.miss("project.student_thesis", "thesis")
	case answer != nil:
	case slices.ContainsFunc(theses, func(t string) bool { return strings.Contains(strings.ToLower(l.Title), t) }):
		l.miss("project.student_thesis", "thesis.title")
	case l.FormVersion() >= 2:
		l.miss("project.student_thesis", "thesis.unanswered")
	}
}

func checkResearchers(l *look) {
	if l.Principal.Kind == PrincipalPrivate && len(l.Project.Named) == 0 {
		l.miss("project.researchers", "researchers")
	}
	for i, name := range l.Project.Named {
		if strings.TrimSpace(name) == "" {
			l.miss(fmt.Sprintf("project.researchers[%d]", i), "researcher")
		}
	}
}

func checkProcessing(l *look) {
	if l.Recipient == nil {
		return
	}
	if l.Recipient.Name == "" || l.Recipient.OrgNo == "" {
		l.miss("recipient", "recipient")
	}
	if !l.Processed(l.Recipient.OrgNo) {
		l.miss("attachments", "processing_agreement")
	}
}

// Processed reports whether data may go to the organisation: it is the
// principal itself, or a processing agreement is attached (promise 6).
func (a Application) Processed(orgNo string) bool {
	to, principal := orgDigits(orgNo), orgDigits(a.Principal.OrgNo)
	return to != "" && to == principal || slices.ContainsFunc(a.Attachments, func(x Attachment) bool { return x.Kind == AttachProcessing })
}

// orgDigits keeps the ten digits of an organisation number, so that 16202100-
// 5521 and 2021005521 are the same.
func orgDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	t := b.String()
	if len(t) == 12 && strings.HasPrefix(t, "16") {
		t = t[2:]
	}
	return t
}

// checkAuthority asks what the decision on a statistics order needs to know.
// Whoever is not an authority responsible for statistics can apply, too: the
// presumption is refusal, and that is for the decision maker (promise 11).
func checkAuthority(l *look) {
	if l.Privileged() && !l.Statistics.Delimited {
		l.miss("statistics.delimited_unit", "delimited_unit")
	}
}

// Privileged reports whether a statistics order comes from an authority that
// is responsible for statistics under equal secrecy.
func (a Application) Privileged() bool {
	return a.Purpose == Statistics && a.Principal.Kind == PrincipalAuthority && a.Statistics.Responsible && a.Statistics.Secrecy
}

// checkFee: only a särskilt beslutad uppgiftslämnarskyldighet frees from the
// fee, and it is a provision, so it is given as one.
func checkFee(l *look) {
	duty := strings.TrimSpace(l.Statistics.Duty)
	if l.Statistics.FeeFree && duty == "" {
		l.miss("statistics.duty", "duty")
	}
	if duty != "" && !strings.Contains(duty, "§") && !strings.Contains(duty, "artikel") {
		l.miss("statistics.duty", "duty.provision")
	}
}

func checkWishedDate(l *look) {
	if l.Statistics.WishedDate == "" {
		return
	}
	switch d, err := day.Parse(l.Statistics.WishedDate); {
	case err != nil:
		l.miss("statistics.wished_date", "wished_date")
	case l.FormVersion() >= 2 && d < l.on:
		l.miss("statistics.wished_date", "wished_date.past")
	}
}

func checkRetention(l *look) {
	if l.Delivery.RetentionMonths < 0 || l.Delivery.RetentionMonths > 120 {
		l.miss("delivery.retention_months", "retention_months")
	}
	if l.Delivery.RetentionMonths > 6 && strings.TrimSpace(l.Delivery.RetentionReason) == "" {
		l.miss("delivery.retention_reason", "retention_reason")
	}
	if _, err := day.Parse(l.Delivery.KeepKeyUntil); l.Delivery.KeepKeyUntil != "" && err != nil {
		l.miss("delivery.keep_key_until", "keep_key_until")
	}
	if len(l.Delivery.Formats) == 0 {
		l.miss("delivery.formats", "formats")
	}
}

// checkKeptKey: a key is kept for a project that goes on, not after it.
func checkKeptKey(l *look) {
	until, err := day.Parse(l.Delivery.KeepKeyUntil)
	if l.Delivery.KeepKeyUntil == "" || err != nil {
		return
	}
	switch {
	case until <= l.on:
		l.miss("delivery.keep_key_until", "kept_key.past")
	case until > l.Project.End:
		l.miss("delivery.keep_key_until", "kept_key.project")
	}
}

func checkInvoice(l *look) {
	if l.Statistics.Duty == "" && strings.TrimSpace(l.Invoice.Reference) == "" {
		l.miss("invoice.reference", "invoice")
	}
}

// checkPeppol looks at the form of a participant identifier: a scheme of four
// digits, a colon, and a number in that scheme.
func checkPeppol(l *look) {
	if l.Invoice.PeppolID == "" {
		return
	}
	scheme, number, ok := strings.Cut(l.Invoice.PeppolID, ":")
	digits := strings.Trim(scheme, "0123456789") == ""
	if !ok || len(scheme) != 4 || !digits || strings.TrimSpace(number) == "" || scheme == "0007" && len(orgDigits(number)) != 10 {
		l.miss("invoice.peppol_id", "peppol")
	}
}

func checkAttachments(l *look) {
	seen := map[string]bool{}
	for i, a := range l.Attachments {
		field := fmt.Sprintf("attachments[%d]", i)
		if a.ID == "" || seen[a.ID] {
			l.miss(field+".id", "attachment.id")
		}
		seen[a.ID] = true
		if strings.TrimSpace(a.Name) == "" {
			l.miss(field+".name", "attachment.name")
		}
	}
}

// checkAttachmentNames asks for names that tell what a document is: not what
// a scanner or a camera called it, nor "bilaga 2".
func checkAttachmentNames(l *look) {
	for i, a := range l.Attachments {
		if name := strings.TrimSpace(a.Name); name != "" && !tells(name) {
			l.miss(fmt.Sprintf("attachments[%d].name", i), "attachment.tells")
		}
	}
}

// empty are words that say nothing about a document.
var empty = []string{
	"bilaga", "bilagor", "appendix", "annex", "attachment", "dokument", "document", "doc", "docx", "pdf", "fil", "file", "scan", "scanned", "skannad", "skannat", "img", "image", "bild",
	"untitled", "namnlös", "kopia", "copy", "final", "slutlig", "ny", "new", "utan", "titel", "av", "of", "version", "v", "nr", "no",
}

func tells(name string) bool {
	return slices.ContainsFunc(wordsOf(name), func(w string) bool {
		w = strings.Trim(w, "0123456789")
		return len([]rune(w)) > 1 && !slices.Contains(empty, w)
	})
}

func (l *look) hasAttachment(kind string) bool {
	return slices.ContainsFunc(l.Attachments, func(a Attachment) bool { return a.Kind == kind })
}

func (l *look) isAttached(id string, kinds ...string) bool {
	return slices.ContainsFunc(l.Attachments, func(a Attachment) bool { return a.ID == id && slices.Contains(kinds, a.Kind) })
}
