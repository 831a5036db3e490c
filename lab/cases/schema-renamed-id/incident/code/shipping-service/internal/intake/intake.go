// Package intake takes packed parcels in and books them with a carrier.
package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/messaging"
	"fernmoor.example/shipping-service/internal/shipment"
)

type store interface {
	Create(ctx context.Context, p shipment.Parcel, carrier string) (shipment.Shipment, error)
	MarkRequested(ctx context.Context, no string) error
}

type publisher interface {
	Publish(ctx context.Context, topic, key string, message any) error
}

// Intake handles parcels.packed.v1.
type Intake struct {
	store     store
	publisher publisher
	log       *slog.Logger
}

// New returns an intake.
func New(s store, p publisher, log *slog.Logger) *Intake { return &Intake{s, p, log} }

type packed struct {
	Parcels []shipment.Parcel `json:"parcels"`
}

type created struct {
	ShipmentNo string `json:"shipmentNo"`
	OrderID    int64  `json:"orderId"`
	ParcelNo   string `json:"parcelNo"`
	Carrier    string `json:"carrier"`
}

type request struct {
	ShipmentNo  string `json:"shipmentNo"`
	WeightGrams int    `json:"weightGrams"`
	Carrier     string `json:"carrier"`
}

// Handle books every parcel of the record. One that cannot be booked does not keep the others from it.
func (i *Intake) Handle(ctx context.Context, r *kgo.Record) error {
	var message packed
	if err := json.Unmarshal(r.Value, &message); err != nil {
		return fmt.Errorf("decode parcels: %w", err)
	}
	var failed []error
	for _, parcel := range message.Parcels {
		if err := i.book(ctx, parcel); err != nil {
			if messaging.Transient(err) {
				return err
			}
			i.log.Error("parcel could not be booked", "parcel", parcel.ParcelNo, "error", err)
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (i *Intake) book(ctx context.Context, parcel shipment.Parcel) error {
	carrier, ok := shipment.CarrierFor(parcel.WeightGrams)
	if !ok {
		return fmt.Errorf("no carrier takes parcel %s of %d g", parcel.ParcelNo, parcel.WeightGrams)
	}
	s, err := i.store.Create(ctx, parcel, carrier)
	if err != nil {
		return err
	}
	if s.State != shipment.Created {
		i.log.Debug("parcel was booked before", "parcel", parcel.ParcelNo, "shipment", s.No)
		return nil
	}
	if err := i.announce(ctx, s); err != nil {
		return err
	}
	i.log.Info("shipment created", "shipment", s.No, "parcel", s.ParcelNo, "carrier", s.Carrier)
	return nil
}

func (i *Intake) announce(ctx context.Context, s shipment.Shipment) error {
	announcement := created{s.No, s.OrderID, s.ParcelNo, s.Carrier}
	if err := i.publisher.Publish(ctx, messaging.ShipmentsCreated, s.No, announcement); err != nil {
		return err
	}
	if err := i.publisher.Publish(ctx, messaging.CarrierRequests, s.No, request{s.No, s.WeightGrams, s.Carrier}); err != nil {
		return err
	}
	return i.store.MarkRequested(ctx, s.No)
}
