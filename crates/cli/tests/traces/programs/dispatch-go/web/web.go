// Package web answers requests.
package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
)

// Window is when a van comes.
type Window struct{ From, To int }

// Planner answers with windows.
type Planner struct {
	window *Window
}

// NewPlanner has a window.
func NewPlanner(window *Window) *Planner {
	return &Planner{window: window}
}

func (p *Planner) length() int {
	return p.window.To - p.window.From
}

// ServeHTTP says how long it is.
func (p *Planner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, p.length())
}

// Serve answers one request.
func Serve(p *Planner) {
	server := httptest.NewServer(logged(p))
	defer server.Close()
	_, _ = http.Get(server.URL)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
	})
}
