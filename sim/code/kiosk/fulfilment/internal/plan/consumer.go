package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Submitted is what the shop tells us when a customer has paid.
type Submitted struct {
	BasketRef string `json:"basketRef"`
	Store     int    `json:"store"`
	Channel   string `json:"channel"`
	Items     int    `json:"items"`
}

// Consumer plans a picking job for each submitted basket.
type Consumer struct {
	store  *Store
	routes *RouteClient
	out    *kgo.Client
	log    *slog.Logger
}

// Topics lists what Consumer subscribes to.
func (c *Consumer) Topics() []string { return []string{"basket-submitted"} }

// Handle plans one record; a returned error leaves the offset uncommitted.
func (c *Consumer) Handle(ctx context.Context, rec *kgo.Record) error {
	var evt Submitted
	if err := json.Unmarshal(rec.Value, &evt); err != nil {
		return fmt.Errorf("plan: decode %s: %w", rec.Topic, err)
	}
	// walk-in sales are paid and carried home at once
	if evt.Channel == "KIOSK" {
		c.log.Debug("walk-in sale, nothing to plan", "basket", evt.BasketRef)
		return nil
	}
	slot, err := c.routes.NextSlot(ctx, evt.Store)
	if err != nil {
		c.log.Warn("route planner timed out, retrying", "basket", evt.BasketRef, "attempt", 1, "err", err)
		if slot, err = c.routes.NextSlot(ctx, evt.Store); err != nil {
			return fmt.Errorf("plan: slot for %s: %w", evt.BasketRef, err)
		}
	}
	job, err := c.store.InsertJob(ctx, evt.BasketRef, evt.Store, slot)
	if err != nil {
		return fmt.Errorf("plan: insert job: %w", err)
	}
	body, _ := json.Marshal(map[string]any{"basketRef": evt.BasketRef, "jobId": job, "slot": slot})
	c.out.Produce(ctx, &kgo.Record{Topic: "fulfilment-planned", Key: []byte(evt.BasketRef), Value: body}, nil)
	c.log.Info("job planned", "basket", evt.BasketRef, "job", job, "slot", slot)
	return nil
}
