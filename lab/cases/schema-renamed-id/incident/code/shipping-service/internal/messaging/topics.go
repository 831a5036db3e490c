// Package messaging moves records between Kafka and the handlers.
package messaging

// Topics of the service, as they are called in production.
const (
	ParcelsPacked        = "parcels.packed.v1"
	CarrierRequests      = "carrier.requests.v1"
	CarrierConfirmations = "carrier.confirmations.v1"
	ShipmentsCreated     = "shipments.created.v1"
	ShipmentsDispatched  = "shipments.dispatched.v1"
)
