package signed

import "sluss/internal/order"

// Signer is a person whose key counts for a role.
type Signer struct {
	Name string     `json:"name"`
	Role order.Role `json:"role"`
	Key  string     `json:"key"` // public
}

// Signers is a list of people who may sign. Counter and vault each have their
// own.
type Signers []Signer

// Open checks a signed note of the wanted type against the keys of the role,
// decodes the document into v and returns the signer's name. It is a
// workorder.Opener.
func (l Signers) Open(note, typ string, role order.Role, v any) (name string, err error) {
	var keys []string
	names := map[string]string{}
	for _, s := range l {
		if s.Role == role {
			keys = append(keys, s.Key)
			names[s.Key] = s.Name
		}
	}
	key, err := Into(note, typ, v, keys...)
	return names[key], err
}
