package party

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/day"
	"sluss/internal/order"
	"sluss/internal/parcel/handout"
	"sluss/internal/web/page"
)

// The delivery: what is in it, how it is opened and checked, the receipt, and
// what can be done about faults until the purge.

func showParcel(a *page.Ask) error {
	s, err := open(a, access.ViewDelivery)
	if err != nil {
		return err
	}
	return s.parcel()
}

func (s *sheet) receiptForm() *page.Form {
	f := s.form("parcel/receipt", "party.receipt_verb", &page.Field{ID: "hash", Kind: page.Hidden, Value: string(s.State.Delivery.Manifest)})
	f.Small = true // fetching comes first
	return f
}

func (s *sheet) faultForm() *page.Form {
	f := s.form("parcel/fault", "party.fault_verb", &page.Field{ID: "what", Kind: page.Area, Label: s.Word("party.fault_what"), Hint: s.Word("party.fault_hint"), Max: 4000})
	f.Small = true
	return f
}

func (s *sheet) againForm() *page.Form {
	f := s.form("parcel/again", "party.again_verb", &page.Field{ID: "why", Kind: page.Text, Label: s.Word("party.again_why"), Max: 300})
	f.Small = true
	return f
}

// parcel is the page of the delivery.
func (s *sheet) parcel() error {
	d := s.State.Delivery
	if d == nil {
		return errGone
	}
	switch {
	case s.State.Recalled:
		s.Lead = s.Word("party.parcel_recalled")
	case s.State.Purged:
		s.Lead = s.Word("party.parcel_purged")
	case !fetchable(s.State):
		s.Lead = s.Word("party.parcel_shut")
	case s.State.Receipt:
		s.Lead = fmt.Sprintf(s.Word("party.parcel_received"), s.long(d.PurgeOn-1))
	case s.byPost():
		s.Lead = fmt.Sprintf(s.Word("party.parcel_by_post"), s.long(d.PurgeOn-1))
	case s.State.Environment != "":
		s.Lead = fmt.Sprintf(s.Word("party.parcel_environment"), s.long(d.PurgeOn-1))
	default:
		s.Lead = fmt.Sprintf(s.Word("party.parcel_lead"), s.long(d.PurgeOn-1))
	}
	s.recalled()
	if d.Replaces {
		s.add("", "").note().say(s.Word("party.parcel_replaces"))
	}
	s.sticks()
	s.environment()
	if fetchable(s.State) {
		b := s.add("", "")
		if !s.byPost() {
			b.Links = []page.Link{{Path: s.path("parcel/file"), Text: fmt.Sprintf(s.Word("party.fetch"), page.Size(s.Lang, d.Bytes)), Main: !s.State.Receipt && s.State.Environment == ""}}
		}
		s.opening()
		if !s.byPost() {
			s.inParts()
			s.bySFTP()
		}
		if !s.State.Receipt && (!s.byPost() || s.State.StickUnderway() != nil) && s.May(s.Case, order.ConfirmReceipt{}) {
			s.ask(s.add("receipt", "party.receipt").say(s.Word("party.receipt_text")), s.receiptForm())
		}
	}
	s.content()
	s.faults()
	s.keeping()
	return s.show(s.Word("party.parcel"))
}

// byPost reports whether the delivery comes on a stick.
func (s *sheet) byPost() bool { return s.State.ByPost() }

// sticks tells of the letters that the delivery travels in.
func (s *sheet) sticks() {
	if !s.byPost() || s.State.Purged {
		return
	}
	b := s.add("post", "party.post")
	switch x := s.State.StickUnderway(); {
	case x != nil:
		b.say(fmt.Sprintf(s.Word("party.post_underway"), s.long(x.On))).code(s.Word("party.post_number"), x.Tracking).
			code(s.Word("party.post_print"), x.Parcel)
	case s.State.AwaitsPosting():
		b.say(s.Word("party.post_soon"))
	case s.State.Receipt:
		b.say(s.Word("party.post_arrived"))
	default:
		b.say(s.Word("party.post_none"))
	}
}

// environment tells of the secure processing environment that fetches the
// delivery, and what its operator needs.
func (s *sheet) environment() {
	if s.State.Environment == "" || s.State.Purged {
		return
	}
	s.add("environment", "party.environment").say(s.Word("party.environment_text")).fact(s.Word("party.route_where"), s.State.Environment).
		code(s.Word("party.environment_paper"), "GET /api/v1/orders/"+s.ID+"/handover")
}

// bySFTP tells how to fetch with a key instead of by a browser, where the
// counter serves that.
func (s *sheet) bySFTP() {
	at := s.SFTP
	if at.Host == "" {
		return
	}
	b := s.add("sftp", "party.sftp").say(s.Word("party.sftp_text"))
	b.Closed = s.Word("party.sftp_open")
	b.Commands = []string{fmt.Sprintf("sftp -P %s %s:/%s.sluss", at.Port, at.Host, s.ID), fmt.Sprintf("sftp -P %s %s:/%s.sluss.sha256", at.Port, at.Host, s.ID)}
	b.code(s.Word("party.sftp_print"), at.Fingerprint)
}

// routeForm asks for another way for the delivery to come.
func (s *sheet) routeForm() *page.Form {
	f := &page.Field{ID: "route", Kind: page.Radio, Label: s.Word("party.route_field")}
	for _, r := range order.Routes {
		f.Options = append(f.Options, page.Option{Value: r, Label: s.Word("party.route_" + r)})
	}
	environment := &page.Field{ID: "environment", Kind: page.Text, Label: s.Word("party.route_where"), Hint: s.Word("party.route_where_hint"), Max: 200}
	return s.form("route", "party.route_verb", f.With(s.State.Route()), s.Optional(environment).With(s.State.Environment), s.Optional(&page.Field{ID: "route_why", Kind: page.Text, Label: s.Word("party.route_why"), Max: 300}))
}

// routeOpen reports whether the orderer's wish for a way is still heard.
func routeOpen(s order.State) bool {
	return s.Submitted && !s.RouteSettled && !s.Released && s.Ended == "" && !s.Enquiry
}

// routed is how the delivery comes, and the orderer's wish.
func (s *sheet) routed() {
	b := s.add("way", "party.route").say(s.Word("party.route_text")).fact(s.Word("party.route_now"), s.Word("party.route_"+s.State.Route()))
	if s.State.Environment != "" {
		b.fact(s.Word("party.route_where"), s.State.Environment)
	}
	if s.Role() == order.RoleOrderer && routeOpen(s.State) && s.May(s.Case, order.ChooseRoute{}) {
		f := s.routeForm()
		f.Small = true
		s.ask(b, f)
	}
}

// askRoute takes the orderer's wish.
func askRoute(a *page.Ask) error {
	s, err := open(a, access.ViewApplication)
	if err != nil {
		return err
	}
	return s.give(s.routeForm().Read(a), order.ChooseRoute{Route: a.Value("route"), Environment: a.Value("environment"), Why: a.Value("route_why")}, s.path("key"), "done.party_route", (*sheet).key)
}

// recallForm asks what became of the copies.
func (s *sheet) recallForm() *page.Form {
	yes := func(id string) *page.Field {
		return &page.Field{ID: id, Kind: page.Radio, Label: s.Word("party.recall_" + id), Options: []page.Option{{Value: "yes", Label: s.Word("party.yes")}, {Value: "no", Label: s.Word("party.no")}}}
	}
	return s.form("parcel/recalled", "party.recall_verb", yes("opened"), yes("destroyed"), s.Optional(&page.Field{ID: "where", Kind: page.Area, Label: s.Word("party.recall_where"), Max: 2000}))
}

// recalled tells of what has gone wrong, and asks what became of the copies.
func (s *sheet) recalled() {
	for _, e := range s.events() {
		switch ev := e.Event.(type) {
		case *order.DeliveryRecalled:
			s.add("", "").warn().say(fmt.Sprintf(s.Word("party.recalled_on"), s.long(ev.On)), ev.Text)
		case *order.IncidentSettled:
			s.add("", "").note().say(s.Word("party.recall_settled"), ev.Text)
		}
	}
	i := s.State.OpenIncident()
	if i == nil {
		return
	}
	b := s.add("recalled", "party.recall").say(s.Word("party.recall_text"))
	switch {
	case i.Answered:
		b.say(s.Word("party.recall_answered"))
	case s.May(s.Case, order.AnswerRecall{}):
		s.ask(b, s.recallForm())
	}
}

// answerRecall takes the recipient's word of what became of the copies.
func answerRecall(a *page.Ask) error {
	s, err := delivery(a)
	if err != nil {
		return err
	}
	f := s.recallForm().Read(a)
	f.Need("opened", a.Word("party.need_recall"))
	f.Need("destroyed", a.Word("party.need_recall"))
	return s.give(f, order.AnswerRecall{Opened: a.Value("opened") == "yes", Destroyed: a.Value("destroyed") == "yes", Text: a.Value("where")}, s.path("parcel"), "done.party_recalled", (*sheet).parcel)
}

// opening is how the parcel is checked and opened.
func (s *sheet) opening() {
	signer := s.State.Decision.Scope.Recipient.Signer
	b := s.add("open", "party.opening").say(s.Word("party.opening_text"))
	b.Commands = []string{
		fmt.Sprintf("sluss verify %s.sluss --signer %q --order %s", s.ID, signer, s.ID),
		fmt.Sprintf("sluss open %s.sluss --identity %s --signer %q --order %s --out %s", s.ID, s.Word("party.key_file"), signer, s.ID, s.ID),
	}
	b.Links = []page.Link{{Path: s.path("key"), Text: s.Word("party.about_key")}}
}

// content is what lies in the parcel.
func (s *sheet) content() {
	d := s.State.Delivery
	b := s.add("content", "party.content")
	if x := s.State.Extracted; x != nil && x.Manifest == d.Manifest {
		t := b.rows(b.Heading, s.Word("party.file"), s.Word("party.lines"), s.Word("party.persons"), s.Word("party.size"), s.Word("party.checksum"))
		for _, f := range x.Files {
			t.row(f.Name, page.Thousands(f.Rows), page.Thousands(f.Persons), page.Size(s.Lang, f.Bytes), string(f.SHA256))
		}
	}
	b.fact(s.Word("party.delivered_on"), s.long(d.On)).fact(s.Word("party.parcel_size"), page.Size(s.Lang, d.Bytes)).
		code(s.Word("party.parcel_sum"), string(d.SHA256)).code(s.Word("party.manifest"), string(d.Manifest))
	if s.State.Receipt {
		b.fact(s.Word("party.receipt"), s.Word("party.receipt_done"))
	}
}

// faults is what has been reported, and until when a fault is mended for free.
func (s *sheet) faults() {
	last := s.faultsUntil()
	b := s.add("fault", "party.faults").say(fmt.Sprintf(s.Word("party.faults_text"), s.long(last)))
	for _, e := range s.events() {
		switch ev := e.Event.(type) {
		case *order.FaultReported:
			b.fact(fmt.Sprintf(s.Word("party.fault_no"), ev.ID, s.long(ev.On)), ev.Text)
		case *order.FaultSettled:
			b.fact(fmt.Sprintf(s.Word("party.fault_answer"), ev.ID), s.Word("party.fault_"+ev.Outcome)+" "+ev.Text)
		}
	}
	open := s.State.Replacing
	for _, f := range s.State.Faults {
		open = open || f.Outcome == ""
	}
	switch {
	case open:
		b.say(s.Word("party.fault_open"))
	case fetchable(s.State) && s.May(s.Case, order.ReportFault{}):
		s.ask(b, s.faultForm())
	}
	text := "party.again_text"
	if s.byPost() {
		text = "party.again_post"
	}
	if fetchable(s.State) && (!s.byPost() || s.State.Receipt && !s.State.AwaitsPosting()) && s.May(s.Case, order.SendAgain{}) {
		s.ask(s.add("again", "party.again").say(s.Word(text)), s.againForm())
	}
}

// faultsUntil is the last day on which a fault is mended as part of the same
// disclosure.
func (s *sheet) faultsUntil() day.Day {
	return s.State.Delivery.On.AddMonths(cmp.Or(s.Authority.FaultMonths, 3))
}

// keeping is how long what has been delivered stays, and what is billed.
func (s *sheet) keeping() {
	d := s.State.Delivery
	b := s.add("keeping", "party.keeping")
	if s.State.Purged {
		b.say(s.Word("party.purged_text")).fact(s.Word("party.purged_rule"), s.Authority.PurgeRule)
		return
	}
	b.say(s.Word("party.keeping_text")).fact(s.Word("party.purge_on"), s.long(d.PurgeOn))
	if q := s.State.Quote; q != nil && q.NoFee == nil && s.State.Invoice == nil {
		b.fact(s.Word("party.bill_between"), s.long(d.BillFrom)+"–"+s.long(d.BillTo))
	}
	if order.Continues(s.State, order.KinRetention) == nil && s.Role() == order.RoleOrderer {
		b.Links = []page.Link{{Path: s.path("again"), Text: s.Word("party.keep_longer")}}
	}
}

// parcelFile sends the sealed parcel as it lies, or from the byte on where a
// line was cut.
func parcelFile(a *page.Ask) error { return hand(a, ".sluss", handout.Serve) }

// parcelList sends the list of the parcel's parts.
func parcelList(a *page.Ask) error { return hand(a, ".sluss.parts", handout.ServeList) }

// parcelPart sends one part of the parcel.
func parcelPart(a *page.Ask) error {
	no, err := strconv.Atoi(a.R.PathValue("no"))
	if err != nil || no < 1 {
		return errGone
	}
	return hand(a, fmt.Sprintf(".sluss.%03d", no), func(w http.ResponseWriter, r *http.Request, p handout.Parcel) error {
		return handout.ServePart(w, r, p, no)
	})
}

// hand sends the parcel in a way.
func hand(a *page.Ask, suffix string, way func(http.ResponseWriter, *http.Request, handout.Parcel) error) error {
	c, err := a.Case(access.ViewParcel)
	if err != nil {
		return err
	}
	f, err := a.Orders.FetchParcel(a.R.Context(), c.ID, a.Role())
	if err != nil {
		return err
	}
	defer f.Close()
	a.Download(c.ID+suffix, "application/octet-stream")
	d := c.State.Delivery
	err = way(a.W, a.R, handout.Parcel{Name: c.ID + ".sluss", Bytes: d.Bytes, SHA256: d.SHA256, Content: f})
	if err != nil {
		a.W.Header().Del("Content-Disposition") // a page follows
	}
	return err
}

// inParts offers a large parcel in parts, for lines and media that do not take
// it whole.
func (s *sheet) inParts() {
	d := s.State.Delivery
	size := handout.PartSize(d.Bytes)
	if d.Bytes <= size {
		return
	}
	b := s.add("parts", "party.parts").say(fmt.Sprintf(s.Word("party.parts_text"), page.Size(s.Lang, size)))
	b.Closed = s.Word("party.parts_open")
	b.Links = []page.Link{{Path: s.path("parcel/parts"), Text: s.Word("party.parts_list")}}
	for no := int64(1); (no-1)*size < d.Bytes; no++ {
		b.Links = append(b.Links, page.Link{Path: s.path("parcel/parts/" + strconv.FormatInt(no, 10)), Text: fmt.Sprintf(s.Word("party.part"), no)})
	}
}

// send copies a file to the reader. What has begun cannot be told otherwise
// than by being cut: half a file must not look like a whole one.
func send(a *page.Ask, r io.Reader) {
	if _, err := io.Copy(a.W, r); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func confirmReceipt(a *page.Ask) error {
	s, err := delivery(a)
	if err != nil {
		return err
	}
	return s.give(s.receiptForm().Read(a), order.ConfirmReceipt{Manifest: hashOf(a)}, s.path("parcel"), "done.party_received", (*sheet).parcel)
}

// delivery is a page about a delivery that is there.
func delivery(a *page.Ask) (*sheet, error) {
	s, err := open(a, access.ViewDelivery)
	if err == nil && s.State.Delivery == nil {
		err = errGone
	}
	return s, err
}

func reportFault(a *page.Ask) error {
	s, err := delivery(a)
	if err != nil {
		return err
	}
	f := s.faultForm().Read(a)
	f.Need("what", a.Word("party.need_fault"))
	return s.give(f, order.ReportFault{Text: a.Value("what")}, s.path("parcel#fault"), "done.party_fault", (*sheet).parcel)
}

func sendAgain(a *page.Ask) error {
	s, err := delivery(a)
	if err != nil {
		return err
	}
	f := s.againForm().Read(a)
	f.Need("why", a.Word("party.need_why"))
	return s.give(f, order.SendAgain{Reason: a.Value("why")}, s.path("parcel"), "done.party_again", (*sheet).parcel)
}
