// Package carrier takes in what carriers answer.
package carrier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/messaging"
)

type store interface {
	Dispatch(ctx context.Context, no, tracking string, at time.Time) (time.Time, error)
}

type publisher interface {
	Publish(ctx context.Context, topic, key string, message any) error
}

// Confirmations handles carrier.confirmations.v1.
type Confirmations struct {
	store     store
	publisher publisher
	log       *slog.Logger
}

// New returns a handler of confirmations.
func New(s store, p publisher, log *slog.Logger) *Confirmations { return &Confirmations{s, p, log} }

type confirmation struct {
	ShipmentNo string `json:"shipmentNo"`
	Tracking   string `json:"tracking"`
}

type dispatched struct {
	ShipmentNo   string    `json:"shipmentNo"`
	Tracking     string    `json:"tracking"`
	DispatchedAt time.Time `json:"dispatchedAt"`
}

// Handle notes a confirmation and tells the world that the shipment is on its way.
func (c *Confirmations) Handle(ctx context.Context, r *kgo.Record) error {
	var message confirmation
	if err := json.Unmarshal(r.Value, &message); err != nil {
		return fmt.Errorf("decode confirmation: %w", err)
	}
	if message.ShipmentNo == "" || message.Tracking == "" {
		return errors.New("confirmation without shipment or tracking")
	}
	at, err := c.store.Dispatch(ctx, message.ShipmentNo, message.Tracking, r.Timestamp)
	if err != nil {
		return err
	}
	event := dispatched{message.ShipmentNo, message.Tracking, at.UTC()}
	if err := c.publisher.Publish(ctx, messaging.ShipmentsDispatched, message.ShipmentNo, event); err != nil {
		return err
	}
	c.log.Info("shipment dispatched", "shipment", message.ShipmentNo, "tracking", message.Tracking)
	return nil
}
