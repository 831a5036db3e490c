package route

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
)

// topics says where a country's settlements are cleared.
var topics = map[string]string{
	"GB": "settlement.uk",
	"SE": "settlement.nordic",
	"NO": "settlement.nordic",
}

const fallback = "settlement.eu"

// Settlement is what a merchant has earned in a cycle.
type Settlement struct {
	Ref       string    `json:"ref"`
	Merchant  int       `json:"merchant"`
	Country   string    `json:"country"`
	Net       int64     `json:"net"`
	Submitted time.Time `json:"submitted"`
}

// Router publishes settlements to the clearing of their country.
type Router struct {
	writer *kafka.Writer
	log    *slog.Logger
}

// Topic is where settlements of a country go.
func Topic(country string) string {
	if topic, ok := topics[country]; ok {
		return topic
	}
	return fallback
}

// Submit publishes one settlement.
func (r *Router) Submit(ctx context.Context, s Settlement) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("route: marshal: %w", err)
	}
	r.log.Info("settlement submitted", "ref", s.Ref, "merchant", s.Merchant, "net", s.Net)
	msg := kafka.Message{Topic: Topic(s.Country), Key: []byte(s.Ref), Value: body}
	if err := r.writer.WriteMessages(ctx, msg); err != nil {
		r.log.Warn("produce retried", "ref", s.Ref, "error", err)
		return r.writer.WriteMessages(ctx, msg)
	}
	return nil
}
