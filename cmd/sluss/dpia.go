package main

import (
	"context"
	"fmt"
	"time"

	"sluss/internal/config"
	"sluss/internal/console"
	"sluss/internal/dpia"
	"sluss/internal/swede"
)

// dpiaCmd writes the input for the data-protection impact assessment from the
// configuration that runs.
type dpiaCmd struct {
	Authority  string `env:"SLUSS_AUTHORITY" placeholder:"FILE" help:"The authority (docs/authority.md); the built-in one by default."`
	Origin     string `env:"SLUSS_ORIGIN" placeholder:"URL" help:"How browsers reach the counter, as for serve."`
	Database   string `env:"SLUSS_DATABASE" placeholder:"URL" help:"A PostgreSQL database, as for serve; it is not opened."`
	SMTP       string `name:"smtp" env:"SLUSS_SMTP" placeholder:"URL" help:"Mail server, as for serve; it is not called."`
	SFTP       string `name:"sftp" env:"SLUSS_SFTP" placeholder:"ADDRESS" help:"Where parcels are handed out over SFTP, as for serve."`
	BackupDays int    `default:"35" help:"For how many days backups of the counter are kept."`
	KeyDays    int    `default:"35" help:"For how many days backups of the vault's keys are kept."`
	Lang       string `enum:"sv,en," default:"" help:"Language: sv or en (default: that of messages)."`
	HTML       bool   `name:"html" help:"Write a page instead of Markdown."`
}

// Run prints the report.
func (c *dpiaCmd) Run(context.Context) error {
	a, err := config.Load(c.Authority)
	if err != nil {
		return err
	}
	lang := c.Lang
	if lang == "" {
		lang = console.Language()
	}
	database := "sqlite"
	if c.Database != "" {
		database = "postgresql"
	}
	r := dpia.Of(a, console.Catalogue(), dpia.Setting{
		On: swede.CivilDay(time.Now()), Origin: c.Origin, Mail: c.SMTP != "", SFTP: c.SFTP != "", Database: database,
		Problems: len(config.Problems(a)), BackupDays: c.BackupDays, KeyDays: c.KeyDays,
	}, lang)
	if c.HTML {
		_, err = fmt.Print(r.HTML())
	} else {
		_, err = fmt.Print(r.Markdown())
	}
	return err
}
