package apply

import (
	"slices"
	"strings"

	"sluss/internal/catalog"
	"sluss/internal/web/page"
)

// choices offers fixed codes; their texts begin with apply.o_ and the set's
// name.
func choices(set string, codes ...string) func(*scene, string) []page.Option {
	return func(s *scene, _ string) []page.Option {
		var out []page.Option
		for _, c := range codes {
			if c == "" {
				out = append(out, page.Option{Label: s.Word("apply.choose")})
				continue
			}
			out = append(out, page.Option{Value: c, Label: s.Word("apply.o_" + set + "_" + c)})
		}
		return out
	}
}

// attached offers the attachments of some kinds; of every kind when none is
// named.
func attached(kinds ...string) func(*scene, string) []page.Option {
	return func(s *scene, _ string) []page.Option {
		out := []page.Option{{Label: s.Word("apply.none_chosen")}}
		for _, at := range s.app.Attachments {
			if at.ID != "" && (len(kinds) == 0 || slices.Contains(kinds, at.Kind)) {
				out = append(out, page.Option{Value: at.ID, Label: at.Name})
			}
		}
		return out
	}
}

// wishOf is the wish that a field of the basket belongs to.
func (s *scene) wishOf(name string) (register, table string) {
	row := name[:strings.LastIndexByte(name, '.')]
	return s.tree.text(row + ".register"), s.tree.text(row + ".table")
}

func registers(s *scene, _ string) []page.Option {
	out := []page.Option{{Label: s.Word("apply.choose")}}
	for i := range s.Catalogue.Registers {
		r := &s.Catalogue.Registers[i]
		out = append(out, page.Option{Value: r.ID, Label: r.Names.In(s.Lang)})
	}
	return out
}

func tables(s *scene, name string) []page.Option {
	out := []page.Option{{Label: s.Word("apply.table_later")}}
	id, _ := s.wishOf(name)
	if r := s.Catalogue.Register(id); r != nil {
		for i := range r.Tables {
			out = append(out, page.Option{Value: r.Tables[i].ID, Label: r.Tables[i].Names.In(s.Lang)})
		}
	}
	return out
}

func shapes(s *scene, name string) []page.Option {
	out := []page.Option{{Label: s.Word("apply.shape_later")}}
	_, id := s.wishOf(name)
	_, table := s.Catalogue.Table(id)
	for _, sh := range catalog.Shapes() {
		if table == nil || table.Allows(sh) {
			out = append(out, page.Option{Value: string(sh), Label: s.Word("apply.o_shape_" + string(sh))})
		}
	}
	return out
}

func benefits(s *scene, name string) []page.Option {
	var out []page.Option
	id, _ := s.wishOf(name)
	if r := s.Catalogue.Register(id); r != nil {
		for _, b := range r.Benefits {
			out = append(out, page.Option{Value: b.ID, Label: b.Names.In(s.Lang)})
		}
	}
	return out
}

func variables(s *scene, name string) []page.Option {
	var out []page.Option
	_, id := s.wishOf(name)
	if r, t := s.Catalogue.Table(id); t != nil {
		everything := r.Health() // then it needs not be said of each
		for i := range t.Variables {
			v := &t.Variables[i]
			if !v.Deliverable() {
				continue
			}
			o := page.Option{Value: v.ID, Label: v.Names.In(s.Lang)}
			if v.Sensitivity == catalog.SensitiveHealth && !everything {
				o.Hint = s.Word("apply.health_variable")
			}
			out = append(out, o)
		}
	}
	return out
}
