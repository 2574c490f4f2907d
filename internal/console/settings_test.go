package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluss/internal/fault"
)

type probe struct {
	Global
	Serve struct {
		State string   `required:"" env:"SLUSS_TEST_STATE" help:"Folder."`
		Port  int      `default:"80" help:"Port."`
		Tags  []string `help:"Tags."`
		One   string   `xor:"which" help:"One."`
		Other string   `xor:"which" help:"Other."`
	} `cmd:"" help:"Serve."`
	Check struct {
		State string `env:"SLUSS_TEST_STATE" help:"Folder."`
	} `cmd:"" help:"Check."`
}

// run parses as the programs do; the commands themselves have no Run method, so
// only their parsing is looked at.
func run(t *testing.T, config string, args ...string) (probe, error) {
	t.Helper()
	var p probe
	parser, err := newParser("probe", "", &p)
	if err != nil {
		t.Fatal(err)
	}
	if config != "" {
		path := filepath.Join(t.TempDir(), "settings.yaml")
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"--config", path}, args...)
	}
	if err := withSettings(parser, args); err != nil {
		return p, err
	}
	_, err = parser.Parse(args)
	return p, err
}

// TestSettings: command line, then environment, then file, then default.
func TestSettings(t *testing.T) {
	config := "state: from-file\nport: 81\ntags: [a, b]\none: x\n"
	p, err := run(t, config, "serve")
	if err != nil || p.Serve.State != "from-file" || p.Serve.Port != 81 || strings.Join(p.Serve.Tags, "") != "ab" || p.Serve.One != "" {
		t.Errorf("%+v, %v", p.Serve, err)
	}
	if p, err := run(t, config, "serve", "--state", "here", "--other", "y"); err != nil || p.Serve.State != "here" || p.Serve.Port != 81 || p.Serve.Other != "y" {
		t.Errorf("%+v, %v", p.Serve, err)
	}
	if p, err := run(t, config, "check"); err != nil || p.Check.State != "from-file" {
		t.Errorf("%+v, %v", p.Check, err)
	}
	if _, err := run(t, "", "serve"); err == nil {
		t.Error("without a file what is required is not asked for")
	}
	t.Setenv("SLUSS_TEST_STATE", "from-environment")
	if p, err := run(t, config, "serve"); err != nil || p.Serve.State != "from-environment" || p.Serve.Port != 81 {
		t.Errorf("%+v, %v", p.Serve, err)
	}
	if p, err := run(t, "", "serve"); err != nil || p.Serve.Port != 80 {
		t.Errorf("%+v, %v", p.Serve, err)
	}
}

func TestSettingsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"misspelt": "stat: x\n", "a tree": "state: {a: b}\n", "no YAML": "state: [", "text": "hello\n", "another file": "config: other.yaml\n",
	} {
		_, err := run(t, config, "serve", "--state", "x")
		if f, ok := err.(*fault.Fault); !ok || f.Code != "console.config" || f.Where.File != "settings.yaml" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := run(t, "", "serve", "--state", "x", "--config", "nowhere.yaml"); err == nil {
		t.Error("a file that is not there")
	}
}
