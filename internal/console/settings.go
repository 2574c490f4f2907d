package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"sluss/internal/fault"
)

// configEnv names the file of settings where --config does not.
const configEnv = "SLUSS_CONFIG"

// maxConfig bounds a file of settings, bytes.
const maxConfig = 1 << 20

// withSettings has a parser read the file of settings, where there is one.
func withSettings(p *kong.Kong, args []string) error {
	file, err := settings(args, p)
	if err != nil || file == nil {
		return err
	}
	return kong.Resolvers(file).Apply(p)
}

// settings resolves flags from a file of settings (YAML): keys are names of
// flags. What stands on the command line counts first, then the environment,
// then the file, then the default. A flag that excludes another one is never
// taken from the file: the command line says which of the two is meant.
func settings(args []string, p *kong.Kong) (kong.Resolver, error) {
	name := os.Getenv(configEnv)
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			name = v
		} else if a == "--config" && i+1 < len(args) {
			name = args[i+1]
		}
	}
	if name == "" {
		return nil, nil
	}
	values, err := readSettings(name)
	if err != nil {
		return nil, err
	}
	known := flagNames(p.Model.Node)
	for key := range values {
		if !slices.Contains(known, key) || key == "config" {
			return nil, badSettings(name, "Inställningen finns inte.", "There is no such setting.", nil).At(fault.Where{File: filepath.Base(name), Column: key})
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		if len(f.Xor) > 0 || slices.ContainsFunc(f.Tag.Envs, func(e string) bool { _, set := os.LookupEnv(e); return set }) {
			return nil, nil
		}
		list, ok := values[f.Name].([]string)
		if !ok {
			return values[f.Name], nil // nil: not in the file
		}
		if len(list) > 1 && f.Tag.Sep == -1 {
			return nil, badSettings(name, "Inställningen ges på kommandoraden när den har flera värden.", "The setting is given on the command line when it has several values.", nil).At(fault.Where{File: filepath.Base(name), Column: f.Name})
		}
		return strings.Join(list, ","), nil
	}), nil
}

// readSettings reads one level of text, numbers, yes and no, and lists of text.
func readSettings(name string) (map[string]any, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxConfig {
		err = errors.New("larger than 1 MB")
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, badSettings(name, "Filen med inställningar går inte att läsa.", "The file of settings cannot be read.", err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(raw, &values); err != nil {
		return nil, badSettings(name, "Filen med inställningar är inte YAML med namn och värden.", "The file of settings is not YAML with names and values.", nil)
	}
	for key, v := range values {
		switch v := v.(type) {
		case string, bool, int, int64, uint64:
		case []any:
			texts := make([]string, len(v))
			for i, x := range v {
				texts[i] = fmt.Sprint(x)
			}
			values[key] = texts
		default:
			return nil, badSettings(name, "Värdet ska vara text, ett tal, ja eller nej, eller en lista.", "The value must be text, a number, yes or no, or a list.", nil).At(fault.Where{File: filepath.Base(name), Column: key})
		}
	}
	return values, nil
}

func badSettings(name, sv, en string, err error) *fault.Fault {
	return fault.New("console.config", sv, en).At(fault.Where{File: filepath.Base(name)}).
		Do("docs/settings.md räknar upp inställningarna.", "docs/settings.md lists the settings.").Because(err)
}

// flagNames lists the flags of all commands.
func flagNames(n *kong.Node) (out []string) {
	for _, f := range n.Flags {
		out = append(out, f.Name)
	}
	for _, c := range n.Children {
		out = append(out, flagNames(c)...)
	}
	return out
}

// SettingsTable describes the flags of a command of a tree as a table in
// Markdown, for the documentation.
func SettingsTable(name string, tree any, command ...string) (string, error) {
	p, err := kong.New(tree, kong.Name(name))
	if err != nil {
		return "", err
	}
	node := p.Model.Node
	for _, c := range command {
		at := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == c })
		if at < 0 {
			return "", fmt.Errorf("there is no command %s", c)
		}
		node = node.Children[at]
	}
	var b strings.Builder
	b.WriteString("| in the file | environment | default | what |\n|---|---|---|---|\n")
	for _, f := range append(slices.Clone(p.Model.Flags), node.Flags...) {
		if f.Hidden || f.Name == "help" || f.Name == "config" {
			continue
		}
		env := ""
		if len(f.Tag.Envs) > 0 {
			env = "`" + f.Tag.Envs[0] + "`"
		}
		value := ""
		if f.HasDefault {
			value = "`" + f.Default + "`"
		}
		need := ""
		if f.Required {
			need = " Required."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s%s |\n", f.Name, env, value, strings.ReplaceAll(f.Help, "|", "\\|"), need)
	}
	return b.String(), nil
}
