package rig

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluss/internal/register"
)

func TestSmoke(t *testing.T) {
	t0 := time.Now()
	w := New(Config{Persons: 20000, Seed: 1})
	fmt.Println(w.Len(), time.Since(t0))
	dir := t.TempDir()
	t0 = time.Now()
	if err := w.Write(context.Background(), filepath.Join(dir, "src"), func(s string, n int64) { fmt.Println(s, n, time.Since(t0)) }); err != nil {
		t.Fatal(err)
	}
	t0 = time.Now()
	m, err := register.Load(context.Background(), register.Options{From: filepath.Join(dir, "src"), Store: filepath.Join(dir, "store"), At: First})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("load", time.Since(t0))
	for _, tb := range m.Tables {
		fmt.Printf("%s %+v\n", tb.ID, tb.Counts)
	}
	fmt.Println(m.Rejected)
	w = New(Config{Persons: 20000, Seed: 1, Wave: 2})
	if err := w.Write(context.Background(), filepath.Join(dir, "src2"), nil); err != nil {
		t.Fatal(err)
	}
	m, err = register.Load(context.Background(), register.Options{From: filepath.Join(dir, "src2"), Store: filepath.Join(dir, "store"), At: First + 30})
	if err != nil {
		t.Fatal(err)
	}
	for _, tb := range m.Tables {
		fmt.Printf("%s %+v\n", tb.ID, tb.Counts)
	}
	b, _ := os.ReadFile(filepath.Join(dir, "store", m.ID, "manifest.json"))
	fmt.Println(len(b))
}
