package canon

import (
	"errors"
	"testing"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"keys sorted, space gone", ` { "b" : 1 , "a" : [ true , null , "x" ] } `, `{"a":[true,null,"x"],"b":1}`},
		{"escapes", `{"\u00e5":"a\u0001\n\"\\\/"}`, `{"å":"a\u0001\n\"\\/"}`},
		{"UTF-16 order of keys", `{"\ufb33":1,"\ud83d\ude00":2}`, `{"😀":2,"` + "\ufb33" + `":1}`},
		{"no HTML escaping", `"<&>"`, `"<&>"`},
		{"decimals", `[0.950, 1e2, -0.0, 1.5e-7]`, `[0.95,100,0,1.5e-7]`},
		{"empty", `{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
	} {
		got, err := Normalise([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.name, got, err, tt.want)
		}
		again, err := Normalise(got)
		if err != nil || string(again) != string(got) {
			t.Errorf("%s: not stable: %s, %v", tt.name, again, err)
		}
	}
	for _, bad := range []string{`{"a":1,"a":2}`, `{} {}`, `{"a":`, `[1,]`, ``} {
		if got, err := Normalise([]byte(bad)); err == nil {
			t.Errorf("%s accepted as %s", bad, got)
		}
	}
	for _, bad := range []string{`9007199254740994`, `1e300`, `1e999`} {
		if _, err := Normalise([]byte(bad)); !errors.Is(err, ErrNumber) {
			t.Errorf("%s: %v, want ErrNumber", bad, err)
		}
	}
}
