package messaging

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Publisher sends JSON records and waits until the broker has them.
type Publisher struct {
	client *kgo.Client
	prefix string
}

// NewPublisher returns a publisher on the client.
func NewPublisher(client *kgo.Client, prefix string) *Publisher { return &Publisher{client, prefix} }

// Publish sends one record.
func (p *Publisher) Publish(ctx context.Context, topic, key string, message any) error {
	value, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode for %s: %w", topic, err)
	}
	record := &kgo.Record{
		Topic:   p.prefix + topic,
		Key:     []byte(key),
		Value:   value,
		Headers: []kgo.RecordHeader{{Key: "source", Value: []byte("shipping-service")}, {Key: "schemaVersion", Value: []byte("1")}},
	}
	if err := p.client.ProduceSync(ctx, record).FirstErr(); err != nil {
		return fmt.Errorf("publish %s to %s: %w", key, topic, err)
	}
	return nil
}
