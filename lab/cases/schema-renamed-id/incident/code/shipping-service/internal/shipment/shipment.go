// Package shipment is the heart of the service: parcels become shipments, shipments are dispatched.
package shipment

import "time"

// State of a shipment.
type State string

// The states a shipment passes, in this order.
const (
	Created    State = "CREATED"
	Requested  State = "REQUESTED"
	Dispatched State = "DISPATCHED"
)

// Parcel as packing-service announces it.
type Parcel struct {
	ParcelNo    string `json:"parcelNo"`
	OrderID     int64  `json:"orderId"`
	PickID      int64  `json:"pickId"`
	WeightGrams int    `json:"weightGrams"`
}

// Shipment is one parcel booked with one carrier.
type Shipment struct {
	No           string
	OrderID      int64
	ParcelNo     string
	Carrier      string
	WeightGrams  int
	State        State
	Tracking     string
	DispatchedAt time.Time
}

// Carriers we have a contract with, lightest tariff first.
var tariffs = []struct {
	carrier  string
	maxGrams int
}{
	{"NORDPOST", 2_000},
	{"HERMIA", 10_000},
	{"CARGOLINE", 31_500},
}

// CarrierFor picks the cheapest carrier that takes the weight, and false where none does.
func CarrierFor(weightGrams int) (string, bool) {
	for _, t := range tariffs {
		if weightGrams <= t.maxGrams {
			return t.carrier, true
		}
	}
	return "", false
}
