// Package health answers the platform's probes.
package health

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Server answers GET /health: 200 when ready, 503 before.
type Server struct {
	ready atomic.Bool
	http  *http.Server
}

// New returns a server for the port; Run starts it.
func New(port int) *Server {
	s := &Server{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			http.Error(w, `{"status":"DOWN"}`, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, `{"status":"UP"}`)
	})
	s.http = &http.Server{Addr: fmt.Sprintf(":%d", port), Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return s
}

// SetReady changes what the probe answers.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Run serves until the context ends.
func (s *Server) Run(ctx context.Context) error {
	go func() {
		<-ctx.Done()
		_ = s.http.Close()
	}()
	if err := s.http.ListenAndServe(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("health: %w", err)
	}
	return nil
}
