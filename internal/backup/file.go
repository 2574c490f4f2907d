package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"sluss/internal/fault"
)

// ToFile calls write with a new file beside path and puts it in its place when
// write succeeds; a file that is there is replaced only if replace says so. The
// fault backup.exists says that it is there, backup.unwritable that it cannot
// be written.
func ToFile(path string, replace bool, write func(*os.File) error) (err error) {
	if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
		return fault.New("backup.exists", "Filen finns redan och skrivs inte över.", "The file is there already and is not written over.").
			At(fault.Where{File: filepath.Base(path)}).Do("Ange ett nytt namn.", "Name a new one.")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return unwritable(path, err)
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes what was created or moved in a folder last through a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func unwritable(path string, err error) error {
	return fault.New("backup.unwritable", "Säkerhetskopian kan inte skrivas.", "The backup cannot be written.").
		At(fault.Where{File: filepath.Base(path)}).Do("Kontrollera att mappen finns och att det finns plats.", "Check that the folder exists and that there is room.").Because(err)
}
