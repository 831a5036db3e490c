package internal

type Phase string

const (
	PhaseScanned   Phase = "scanned"
	PhaseSorted    Phase = "sorted"
	PhaseDelivered Phase = "delivered"
)
