package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"time"

	"golang.org/x/crypto/ssh"

	"sluss/internal/app"
	"sluss/internal/ehds"
	"sluss/internal/fault"
	"sluss/internal/order"
	"sluss/internal/sftp"
	"sluss/internal/store"
	"sluss/internal/web/page"
)

// handing is how parcels are handed out besides HTTPS.
type handing struct {
	SFTP     string `name:"sftp" env:"SLUSS_SFTP" placeholder:"ADDRESS" help:"Address to hand parcels out on over SFTP, as :2022, to holders of registered SSH keys (sluss token create --ssh-key); without it there is no SFTP."`
	SFTPName string `name:"sftp-name" env:"SLUSS_SFTP_NAME" placeholder:"HOST:PORT" help:"How recipients reach it, for the page of the delivery; the host of --origin by default."`
}

// The server's own key and its public half, in the folder of the counter.
const (
	sftpFile   = "sftp.key"
	sftpPublic = "sftp.pub"
)

// sftpDesk listens for whoever fetches over SFTP.
type sftpDesk struct {
	ln   net.Listener
	host ssh.Signer
	at   page.SFTP
}

// listen takes the address; nil without one.
func (h handing) listen(ctx context.Context, state, origin string) (*sftpDesk, error) {
	if h.SFTP == "" {
		return nil, nil
	}
	host, err := sftp.HostKey(filepath.Join(state, sftpFile))
	if err != nil {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.SFTP)
	if err != nil {
		return nil, fault.New("serve.sftp", "Adressen för SFTP går inte att lyssna på.", "The address for SFTP cannot be listened on.").
			Do("Är den upptagen? Ange en annan med --sftp.", "Is it taken? Name another with --sftp.").Because(err)
	}
	name, port, err := net.SplitHostPort(cmp.Or(h.SFTPName, ln.Addr().String()))
	if err != nil {
		_ = ln.Close()
		return nil, fault.New("serve.sftp_name", "Namnet för SFTP går inte att läsa.", "The name for SFTP cannot be read.").
			Do("Skriv värd och port, som sluss.example.se:2022.", "Write host and port, as sluss.example.se:2022.").Because(err)
	}
	if u, err := url.Parse(origin); err == nil && h.SFTPName == "" && u.Hostname() != "" {
		name = u.Hostname()
	}
	return &sftpDesk{ln, host, page.SFTP{Host: name, Port: port, Fingerprint: ssh.FingerprintSHA256(host.PublicKey())}}, nil
}

// shown is what pages tell of it.
func (d *sftpDesk) shown() page.SFTP {
	if d == nil {
		return page.SFTP{}
	}
	return d.at
}

// run hands parcels out until ctx ends.
func (d *sftpDesk) run(ctx context.Context, a *app.App, db *store.Store, log *slog.Logger) {
	log.InfoContext(ctx, "parcels are handed out over SFTP", "port", d.at.Port, "fingerprint", d.at.Fingerprint)
	server := &sftp.Server{
		Cases: a, Tokens: db, Lists: db, Host: d.host, Clock: time.Now, Log: log,
		Handover: func(s order.State) ([]byte, bool) {
			doc, ok := ehds.HandoverOf(s, a.Authority.Name.EN)
			if !ok {
				return nil, false
			}
			raw, err := json.MarshalIndent(doc, "", "  ")
			return append(raw, '\n'), err == nil
		},
	}
	server.Serve(ctx, d.ln)
}
