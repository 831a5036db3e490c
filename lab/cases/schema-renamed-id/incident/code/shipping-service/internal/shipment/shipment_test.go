package shipment

import "testing"

func TestTheCheapestCarrierThatTakesTheWeight(t *testing.T) {
	for weight, want := range map[int]string{1: "NORDPOST", 2_000: "NORDPOST", 2_001: "HERMIA", 31_500: "CARGOLINE"} {
		if got, ok := CarrierFor(weight); !ok || got != want {
			t.Errorf("%d g: got %q, want %q", weight, got, want)
		}
	}
	if carrier, ok := CarrierFor(31_501); ok {
		t.Errorf("31,501 g: got %q, want none", carrier)
	}
}
