package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sluss/internal/console"
	"sluss/internal/fault"
	"sluss/internal/store"
	"sluss/internal/web"
)

// serveCmd shows the cases of a database.
type serveCmd struct {
	State string `required:"" placeholder:"DIR" help:"Folder of the counter's database."`
	Addr  string `default:"localhost:8080" help:"Address to listen on."`
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(ctx context.Context) error {
	db, err := store.OpenSQLite(ctx, filepath.Join(c.State, "sluss.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	mux := http.NewServeMux()
	if err := web.Pages(mux, db, log); err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fault.New("serve.address", "Adressen går inte att lyssna på.", "The address cannot be listened on.").
			Do("Är den upptagen? Ange en annan med --addr.", "Is it taken? Name another with --addr.").Because(err)
	}
	server := &http.Server{
		Handler: http.NewCrossOriginProtection().Handler(mux), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16,
	}
	if console.Language() == "sv" {
		fmt.Printf("Diskens sidor finns på http://%s\n", c.Addr)
	} else {
		fmt.Printf("The counter is at http://%s\n", c.Addr)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	select {
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return server.Shutdown(stop)
	case err := <-done:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	}
}
