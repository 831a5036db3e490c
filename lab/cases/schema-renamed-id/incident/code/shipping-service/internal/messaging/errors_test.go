package messaging

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestWhatMayPassIsTransient(t *testing.T) {
	for code, want := range map[string]bool{"40P01": true, "53300": true, "55P03": true, "23505": false, "22P02": false} {
		err := fmt.Errorf("insert: %w", &pgconn.PgError{Code: code})
		if got := Transient(err); got != want {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
	}
	if Transient(errors.New("no carrier")) {
		t.Error("an ordinary error is not transient")
	}
}
