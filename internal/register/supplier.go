package register

import (
	"os"
	"path/filepath"
	"slices"

	"sluss/internal/canon"
	"sluss/internal/fault"
	"sluss/internal/signed"
)

// TypeSupply is what the holder of a register signs about a folder of source
// files.
const TypeSupply = "sluss/register-files/v1"

// Supply names every file of a folder by its hash. It lies beside the files as
// [SupplyFile], a signed note.
type Supply struct {
	Type  string                `json:"type"`
	Files map[string]canon.Hash `json:"files"` // name -> SHA-256
}

// SupplyFile is where the note lies in the folder.
const SupplyFile = "files.note"

// CheckSupply makes sure that a folder holds what the holder of the register
// signed, whole: every file that is named, as it was, and no other. Key is the
// holder's public key, registered by another way than the files come.
func CheckSupply(dir, key string) error {
	raw, err := os.ReadFile(filepath.Join(dir, SupplyFile))
	if err != nil {
		return unsupplied("note", "Underskriften files.note saknas bland filerna.", "The signature files.note is not among the files.").Because(err)
	}
	var s Supply
	if _, err := signed.Into(string(raw), TypeSupply, &s, key); err != nil {
		return unsupplied("signer", "Filerna är inte undertecknade av den registrerade leverantören.", "The files are not signed by the registered supplier.").Because(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var have []string
	for _, e := range entries {
		if e.Name() != SupplyFile {
			have = append(have, e.Name())
		}
	}
	for _, name := range have {
		want, named := s.Files[name]
		if !named {
			return unsupplied("extra", "Mappen har en fil som inte är undertecknad.", "The folder has a file that is not signed.").At(fault.Where{File: name})
		}
		if err := sameFile(filepath.Join(dir, name), want); err != nil {
			return err
		}
	}
	for name := range s.Files {
		if !slices.Contains(have, name) {
			return unsupplied("missing", "En undertecknad fil saknas.", "A signed file is missing.").At(fault.Where{File: name})
		}
	}
	return nil
}

func sameFile(path string, want canon.Hash) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return unsupplied("extra", "Mappen har något annat än filer.", "The folder has something else than files.").At(fault.Where{File: filepath.Base(path)})
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, sum, err := canon.SumReader(f)
	if err != nil {
		return err
	}
	if sum != want {
		return unsupplied("changed", "En fil är inte den som undertecknades.", "A file is not the one that was signed.").At(fault.Where{File: filepath.Base(path)})
	}
	return nil
}

func unsupplied(code, sv, en string) *fault.Fault {
	return fault.New("register.supply_"+code, sv, en).Do("Läs inte in filerna; fråga leverantören på en annan väg.", "Do not load the files; ask the supplier by another way.").Of(fault.Gate)
}
