package plan

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of specifications, for other
// programs and for editors. It is the first pass; [Spec.Problems] is the
// second, and finds everything that the first does, too.
//
//go:embed schema.json
var Schema []byte
