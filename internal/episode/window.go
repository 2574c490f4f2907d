package episode

// Deliver chooses the spells that w shows and cuts them to it. The result is
// valid until the next Deliver or Build; a person can be delivered through
// several windows.
//
// A spell is chosen only if it has a covered day in the window (S13). A cut
// spell runs from its first to its last covered day in the window. Cuts always
// compare the uncut spell with the window (S18).
//
// It returns the errors of [Window.Check].
func (k *Kernel) Deliver(w Window) ([]Spell, []Subspell, error) {
	k.outSpells, k.outSubs, k.shown = k.outSpells[:0], k.outSubs[:0], nil
	if err := w.Check(); err != nil {
		return nil, nil, err
	}
	k.window = w
	if w.From <= k.span.From && w.To >= k.span.To && w.Mode != EndIn {
		k.shown = k.subs // nothing to leave out, nothing to cut
		return k.spells, k.subs, nil
	}
	for i := range k.spells {
		s := &k.spells[i]
		if s.To <= w.From || s.From >= w.To || !w.chooses(s) {
			continue
		}
		lo, hi := s.Sub0, s.Sub1
		for lo < hi && k.subs[lo].To <= w.From {
			lo++
		}
		for lo < hi && k.subs[hi-1].From >= w.To {
			hi--
		}
		if lo == hi { // only gap days lie in the window
			continue
		}
		k.deliver(s, lo, hi)
	}
	k.shown = k.outSubs
	return k.outSpells, k.outSubs, nil
}

// chooses applies the mode to a spell that reaches into w (S14).
func (w Window) chooses(s *Spell) bool {
	switch w.Mode {
	case StartIn:
		return s.From >= w.From
	case EndIn:
		return s.To <= w.To && !s.Ongoing
	}
	return true
}

// deliver appends spell s; its sub-spells lo to hi have days in the window.
func (k *Kernel) deliver(s *Spell, lo, hi int32) {
	w := k.window
	out := *s
	out.LeftCut, out.RightCut = s.From < w.From, s.To > w.To
	out.Sub0 = int32(len(k.outSubs))
	cut := (out.LeftCut || out.RightCut) && !w.whole()
	if !cut {
		lo, hi = s.Sub0, s.Sub1
	}
	for i := lo; i < hi; i++ {
		b := k.subs[i]
		b.Spell = int32(len(k.outSpells))
		if cut {
			k.clip(&b)
		}
		k.outSubs = append(k.outSubs, b)
	}
	out.Sub1 = int32(len(k.outSubs))
	if cut {
		parts := k.outSubs[out.Sub0:]
		out.Days, out.Net = 0, 0
		for i := range parts {
			out.Days += parts[i].Days()
			out.Net += parts[i].Net()
		}
		last := &parts[len(parts)-1]
		out.From, out.To = parts[0].From, last.To
		// The end of an ongoing spell is unknown only where the window
		// reaches the horizon; else it is simply cut.
		out.NoTom = s.Ongoing && !out.RightCut
		last.NoTom = out.NoTom
		if w.History == Mask {
			out.First = parts[0].First
			out.TrueFrom, out.TrueTo = out.From, out.To
			out.Ongoing = out.NoTom
		}
	}
	k.outSpells = append(k.outSpells, out)
}

// clip cuts a sub-spell that has a day in the window.
func (k *Kernel) clip(b *Subspell) {
	w := k.window
	if b.From < w.From {
		b.From = w.From
		for b.piece0+1 < b.piece1 && k.pieces[b.piece0+1].From <= w.From {
			b.piece0++
		}
		if w.History == Mask {
			b.First = k.pieces[b.piece0].Row
		}
	}
	if b.To > w.To {
		b.To = w.To
		for k.pieces[b.piece1-1].From >= w.To {
			b.piece1--
		}
	}
}
