// Package pull is the vault's side of the wall: an HTTP client that asks the
// counter for work. The vault opens no port.
package pull

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sluss/internal/coverage"
	"sluss/internal/workorder"
	"sluss/internal/works"
)

// Client talks to a counter. It implements works.Counter. Safe for concurrent
// use.
type Client struct {
	base       *url.URL
	credential string
	http       *http.Client
}

// New returns a client for the counter at base, such as
// https://sluss.example. Plain http is for this machine only.
func New(base, credential string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("counter address is not an http or https address")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("counter address holds more than scheme, host and path")
	}
	credential = strings.TrimSpace(credential)
	if credential == "" {
		return nil, errors.New("the credential is empty")
	}
	if h := u.Hostname(); u.Scheme == "http" && h != "127.0.0.1" && h != "::1" && h != "localhost" {
		return nil, errors.New("plain http to the counter would leave this machine; use https")
	}
	return &Client{
		base: u, credential: credential,
		http: &http.Client{
			Timeout: 0, // files may be large; the context bounds every call
			Transport: &http.Transport{
				Proxy: nil, ResponseHeaderTimeout: 2 * time.Minute, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2,
			},
			// A redirect would carry the credential elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Address is the counter's.
func (c *Client) Address() string { return c.base.String() }

func (c *Client) call(ctx context.Context, method string, body io.Reader, path ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path...).String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.credential)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("counter: %w", err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	var p struct {
		Code string `json:"code"`
	}
	_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&p) // without a code the status must do
	return nil, fmt.Errorf("counter answered %d %s", resp.StatusCode, p.Code)
}

// Ping asks the counter for something that it has for the vault alone, and
// returns the counter's clock, to the second; the zero time when it tells none.
func (c *Client) Ping(ctx context.Context) (time.Time, error) {
	resp, err := c.call(ctx, http.MethodGet, nil, "vault/v1/purges")
	if err != nil {
		return time.Time{}, err
	}
	defer resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // a server may leave it out
	}
	return at, nil
}

// Next leases a work order; works.ErrNothing when there is none.
func (c *Client) Next(ctx context.Context) (w workorder.WorkOrder, err error) {
	resp, err := c.call(ctx, http.MethodPost, nil, "vault/v1/jobs")
	if err != nil {
		return w, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return w, works.ErrNothing
	}
	dec := json.NewDecoder(io.LimitReader(resp.Body, maxWork))
	dec.DisallowUnknownFields()
	return w, dec.Decode(&w)
}

// maxWork bounds a work order: documents, no data.
const maxWork = 16 << 20

// Population streams the sealed population file of a job.
func (c *Client) Population(ctx context.Context, job string) (io.ReadCloser, error) {
	resp, err := c.call(ctx, http.MethodGet, nil, "vault/v1/jobs", job, "population")
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// PutParcel hands a sealed parcel over.
func (c *Client) PutParcel(ctx context.Context, job string, r io.Reader) error {
	return c.send(ctx, http.MethodPut, io.NopCloser(r), job, "parcel")
}

// Purges returns the signed protocols of all purges.
func (c *Client) Purges(ctx context.Context) ([]string, error) {
	resp, err := c.call(ctx, http.MethodGet, nil, "vault/v1/purges")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Protocols []string `json:"protocols"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxPurges)).Decode(&answer); err != nil {
		return nil, fmt.Errorf("counter: purges: %w", err)
	}
	return answer.Protocols, nil
}

// maxPurges bounds the list of protocols: some kilobytes for each order.
const maxPurges = 1 << 30

// Alive says that the job is still being worked on.
func (c *Client) Alive(ctx context.Context, job string) error {
	return c.send(ctx, http.MethodPost, nil, job, "alive")
}

// Report ends a job.
func (c *Client) Report(ctx context.Context, job string, r workorder.Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return c.send(ctx, http.MethodPost, bytes.NewReader(b), job, "report")
}

// PublishCoverage tells the counter how complete the registers are.
func (c *Client) PublishCoverage(ctx context.Context, p coverage.Published) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	resp, err := c.call(ctx, http.MethodPut, bytes.NewReader(b), "vault/v1/coverage")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (c *Client) send(ctx context.Context, method string, body io.Reader, job, what string) error {
	resp, err := c.call(ctx, method, body, "vault/v1/jobs", job, what)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
