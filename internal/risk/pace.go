package risk

// Progress says how far the measuring has come in one of its stages.
type Progress struct {
	// Stage is classes, population, sensitive, risk, suda, sequences, differences
	// or what_if.
	Stage string
	// Done of Total rows, once for each column that they are split by; of classes
	// (sensitive, risk); of sets of columns (suda). Total 0: not known.
	Done, Total int64
}

// Teller is told how far the work has come, several times a second; an error
// ends it.
type Teller func(Progress) error

// breath is how much work is done between two calls of a [Teller]: records or
// classes looked at, some hundredths of a second.
const breath = 1 << 18

// pace tells a [Teller] how far a stage has come. Work goes on through it in
// small pieces, so that it can be ended between any two of them.
type pace struct {
	tell   Teller // nil: nobody listens
	breath int64  // effort between two calls
	now    Progress
	spent  int64 // effort since the last call
	err    error // with which the work was ended
}

func newPace(tell Teller) *pace { return &pace{tell: tell, breath: breath} }

// begin begins a stage.
func (p *pace) begin(stage string, total int64) error {
	p.now = Progress{Stage: stage, Total: total}
	return p.breathe()
}

// did notes that n more of the total are done, which took as much effort.
func (p *pace) did(n int) error {
	p.now.Done += int64(n)
	if p.spent += int64(n); p.spent < p.breath {
		return p.err
	}
	return p.breathe()
}

// effort notes that n records or classes have been looked at.
func (p *pace) effort(n int64) error {
	if p.spent += n; p.spent < p.breath {
		return p.err
	}
	return p.breathe()
}

func (p *pace) breathe() error {
	p.spent = 0
	if p.err == nil && p.tell != nil {
		p.err = p.tell(p.now)
	}
	return p.err
}
