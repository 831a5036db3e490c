package booking

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
)

type captured struct {
	PaymentID   string    `json:"payment_id"`
	Merchant    int       `json:"merchant"`
	AmountMinor int64     `json:"amount_minor"`
	Currency    string    `json:"currency"`
	CapturedAt  time.Time `json:"captured_at"`
}

// Booker turns captured payments into ledger entries.
type Booker struct {
	reader *kafka.Reader
	writer *kafka.Writer
	store  *Store
	log    *slog.Logger
}

func decode(value []byte) (captured, error) {
	var evt captured
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&evt); err != nil {
		return captured{}, fmt.Errorf("decode payment.captured: %w", err)
	}
	return evt, nil
}

// Run books until the context ends.
func (b *Booker) Run(ctx context.Context) error {
	for {
		msg, err := b.reader.FetchMessage(ctx)
		if err != nil {
			return fmt.Errorf("booking: fetch: %w", err)
		}
		if err := b.book(ctx, msg); err != nil {
			b.log.Warn("event rejected", "topic", msg.Topic, "partition", msg.Partition, "offset", msg.Offset, "error", err)
		}
		if err := b.reader.CommitMessages(ctx, msg); err != nil {
			return fmt.Errorf("booking: commit: %w", err)
		}
	}
}

func (b *Booker) book(ctx context.Context, msg kafka.Message) error {
	evt, err := decode(msg.Value)
	if err != nil {
		return fmt.Errorf("booking: %w", err)
	}
	entry, err := b.store.Insert(ctx, evt.PaymentID, evt.Merchant, evt.AmountMinor)
	if err != nil {
		return fmt.Errorf("booking: insert entry: %w", err)
	}
	body, _ := json.Marshal(map[string]any{"payment_id": evt.PaymentID, "entry": entry, "at": time.Now()})
	if err := b.writer.WriteMessages(ctx, kafka.Message{Topic: "ledger.booked", Key: msg.Key, Value: body}); err != nil {
		return fmt.Errorf("booking: publish: %w", err)
	}
	b.log.Info("payment booked", "payment_id", evt.PaymentID, "entry", entry)
	return nil
}
