package order

import (
	"fmt"

	"sluss/internal/fault"
)

// LevelOfActs is how sure the counter must be of who somebody is (tillitsnivå)
// before the act: what lets data out, or destroys them. Everything else asks
// for no level, unless the authority says so ([Authority.MinAssurance]).
var LevelOfActs = map[string]int{
	RecordDecision{}.Name(): 3,
	Redecide{}.Name():       3,
	Release{}.Name():        3,
	OrderPurge{}.Name():     3,
}

// LevelFor is how sure the counter must be of who gives the command: what the
// authority says, or else [LevelOfActs]; 0 = nothing is asked for. Pages that
// are about to offer an act of level 3 or more also ask for a fresh login.
func (a *Authority) LevelFor(command string) int {
	if n, ok := a.own(command); ok {
		return n
	}
	return LevelOfActs[command]
}

// signed is a command that carries the signature of the person who gives it,
// which says better than a login who that is.
type signed interface{ signature() string }

func (c RecordDecision) signature() string  { return c.Note }
func (c Redecide) signature() string        { return c.Note }
func (c OrderExtraction) signature() string { return c.Note }
func (c Release) signature() string         { return c.Note }

// sure refuses a command from somebody whom the counter is not sure enough of.
// A program with a token has no level: it is let through when the command is
// signed, and else unless the authority itself has set a level for it. Dates
// and the vault do not log in.
func sure(cmd Command, c Context) error {
	need := c.Authority.LevelFor(cmd.Name())
	if need == 0 || c.By.Role == RoleClock || c.By.Role == RoleEngine {
		return nil
	}
	if c.By.Assurance == 0 {
		if s, ok := cmd.(signed); ok && s.signature() != "" {
			return nil
		}
		if _, own := c.Authority.own(cmd.Name()); !own {
			return nil
		}
	}
	if c.By.Assurance >= need {
		return nil
	}
	return (&fault.Fault{
		Code: "order.assurance", Class: fault.Gate, Rule: "assurance", Law: "dataskyddsförordningen (EU) 2016/679 artikel 32",
		SV: fmt.Sprintf("Åtgärden kräver en inloggning på tillitsnivå %d (%s).", need, cmd.Name()),
		EN: fmt.Sprintf("The act needs a login of assurance level %d (%s).", need, cmd.Name()),
	}).Do("Logga in med passernyckel eller e-legitimation och gör om.", "Log in with a passkey or an e-legitimation and try again.")
}

// own is the level that the authority itself has set.
func (a *Authority) own(command string) (level int, set bool) {
	if a == nil {
		return 0, false
	}
	level, set = a.MinAssurance[command]
	return level, set
}
