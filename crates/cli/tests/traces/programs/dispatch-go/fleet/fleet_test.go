package fleet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLoadsEveryVan(t *testing.T) {
	fleet := New()
	fleet.Load("v2", "p1", 4)
}

func TestNamesOfVans(t *testing.T) {
	assert.Equal(t, "van v1", New().find("v1").Label())
}

func TestFreeSeats(t *testing.T) {
	if got := Free(3, 5); got != 0 {
		t.Errorf("Free(3, 5) = %d, want 0", got)
	}
}
