package rulings

import (
	"cmp"
	"slices"
	"strconv"

	"sluss/internal/access"
	"sluss/internal/app"
	"sluss/internal/catalog"
	"sluss/internal/order"
	"sluss/internal/web/page"
)

// act is something that the decision maker does in a case with a few fields.
// Its texts are rulings.act_, rulings.why_ and rulings.do_ and its path, and
// done.rulings_ when it is done.
type act struct {
	command order.Command
	path    string
	when    func(order.State) bool
	fields  func(*page.Ask, *page.Case) []*page.Field
	// build makes the command of the filled form, or marks what to mend.
	build func(*page.Ask, *page.Form) order.Command
	// main: the case waits for it. danger: it ends something.
	main, danger bool
}

// returnable reports whether a review waits that can go back.
func returnable(s order.State) bool {
	return s.Ended == "" && s.Reviewed && (s.Decision == nil || s.Reopened != "")
}

// asksRetention reports whether the case asks for files to be kept longer.
func asksRetention(s order.State) bool {
	return s.Ended == "" && s.Parent != nil && s.Parent.Kind == order.KinRetention && s.Granted == 0
}

// tooLate are the appeals that came after their last day and wait here.
func tooLate(s order.State) []order.Appeal {
	return slices.DeleteFunc(slices.Clone(s.Appeals), func(x order.Appeal) bool { return x.InTime || x.Forwarded || x.Settled })
}

// acts are what a decision maker can do besides deciding.
var acts = []act{
	{
		command: order.ReturnReview{}, path: "return", when: returnable,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{hinted(a, field(a, "questions", page.Area, ""))}
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			return order.ReturnReview{Text: needed(a, f, "questions")}
		},
	},
	{
		command: order.GrantRetention{}, path: "keep", main: true, when: asksRetention,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			out := []*page.Field{field(a, "keep_to", page.Date, "")}
			return append(append(out, said(a)...), hinted(a, field(a, "support", page.Text, "")))
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			return order.GrantRetention{Until: f.Day("keep_to", a.Word("rulings.n_day")), Reasons: text(a, f), Support: needed(a, f, "support")}
		},
	},
	{
		command: order.RefuseRetention{}, path: "no-longer", when: asksRetention, danger: true,
		fields: func(a *page.Ask, _ *page.Case) []*page.Field { return said(a) },
		build: func(a *page.Ask, f *page.Form) order.Command {
			return order.RefuseRetention{Reasons: text(a, f)}
		},
	},
	{
		command: order.RefuseRuling{}, path: "no-ruling", danger: true,
		when: func(s order.State) bool { return s.RulingDue != 0 && s.Decision == nil && s.Ended == "" },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			guide := a.Both("guide", page.Area, a.Word("rulings.f_guide"))
			guide[0].Value, guide[1].Value = wordIn(a, "sv", "rulings.guide_ruling"), wordIn(a, "en", "rulings.guide_ruling")
			return append(said(a), guide...)
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			sv := needed(a, f, "guide")
			return order.RefuseRuling{Reasons: text(a, f), Appeal: catalog.Text{SV: sv, EN: cmp.Or(f.Field("guide_en").Value, sv)}}
		},
	},
	{
		command: order.DismissAppeal{}, path: "too-late", main: true, danger: true,
		when: func(s order.State) bool { return len(tooLate(s)) > 0 },
		fields: func(a *page.Ask, c *page.Case) []*page.Field {
			which := field(a, "which", page.Select, "")
			for _, x := range tooLate(c.State) {
				which.Options = append(which.Options, page.Option{Value: strconv.Itoa(x.ID), Label: a.Word("rulings.appeal") + " " + strconv.Itoa(x.ID)})
			}
			return append([]*page.Field{which}, said(a)...)
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			n, _ := strconv.Atoi(f.Field("which").Value) // 0 is the number of no appeal
			return order.DismissAppeal{ID: n, Reason: text(a, f)}
		},
	},
	{
		command: order.Reopen{}, path: "reopen",
		when: func(s order.State) bool {
			return s.Dispatched && s.Reopened == "" && !s.Released && s.Delivery == nil && (s.Ended == "" || s.Ended == order.PhaseRefused)
		},
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			kind := field(a, "kind", page.Radio, "")
			for _, k := range []string{order.KindCorrection, order.KindReconsideration, order.KindAfterAppeal} {
				kind.Options = append(kind.Options, page.Option{Value: k, Label: a.Word("rulings.kind_" + k), Hint: a.Word("rulings.hint_" + k)})
			}
			return []*page.Field{kind, hinted(a, field(a, "ground", page.Area, ""))}
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			return order.Reopen{Kind: needed(a, f, "kind"), Ground: needed(a, f, "ground")}
		},
	},
	{
		command: order.Dismiss{}, path: "dismiss", danger: true,
		when: func(s order.State) bool { return s.Submitted && s.Decision == nil && s.Ended == "" },
		fields: func(a *page.Ask, _ *page.Case) []*page.Field {
			return []*page.Field{hinted(a, field(a, "ground", page.Text, "")), hinted(a, field(a, "why", page.Area, ""))}
		},
		build: func(a *page.Ask, f *page.Form) order.Command {
			return order.Dismiss{Ground: needed(a, f, "ground"), Reason: needed(a, f, "why")}
		},
	},
}

// said are fields for reasons in both languages; the English ones may be left
// out and are then the Swedish.
func said(a *page.Ask) []*page.Field {
	out := a.Both("because", page.Area, a.Word("rulings.f_because"))
	return []*page.Field{out[0], a.Optional(out[1])}
}

func text(a *page.Ask, f *page.Form) catalog.Text {
	sv := needed(a, f, "because")
	return catalog.Text{SV: sv, EN: cmp.Or(f.Field("because_en").Value, sv)}
}

// needed marks a field that is empty with the text rulings.n_ and its id.
func needed(a *page.Ask, f *page.Form, id string) string {
	f.Need(id, a.Word("rulings.n_"+id))
	return f.Field(id).Value
}

type actBody struct {
	page.Head
	F *page.Form
}

func actFor(a *page.Ask) (act, *page.Case, *actBody, error) {
	i := slices.IndexFunc(acts, func(x act) bool { return x.path == a.R.PathValue("act") })
	if i < 0 {
		return act{}, nil, nil, app.ErrNotFound
	}
	x := acts[i]
	c, err := a.Case(access.ViewCase)
	if err == nil {
		err = a.Allowed(c, x.command)
	}
	if err != nil {
		return x, nil, nil, err
	}
	f := a.Form("/cases/"+c.ID+"/rule/"+x.path, a.Word("rulings.do_"+x.path), x.fields(a, c)...)
	f.Version, f.Danger = c.Version, x.danger
	return x, c, &actBody{a.HeadOf(c, "rulings.why_"+x.path), f}, nil
}

func (x act) view(a *page.Ask, b *actBody) page.View {
	return page.View{Title: a.Word("rulings.act_" + x.path), Nav: "rulings.nav", Body: b}
}

func showAct(a *page.Ask) error {
	x, _, b, err := actFor(a)
	if err != nil {
		return err
	}
	return a.Show("rulings-act", x.view(a, b))
}

func giveAct(a *page.Ask) error {
	x, c, b, err := actFor(a)
	if err != nil {
		return err
	}
	if cmd := x.build(a, b.F.Read(a)); b.F.OK() {
		err := a.Do(c, cmd)
		if err == nil {
			return a.Go("/cases/"+c.ID, "done.rulings_"+x.path)
		}
		if err := b.Taken(a, c, b.F, err); err != nil {
			return err
		}
	}
	return a.Refused("rulings-act", b.F, x.view(a, b))
}
