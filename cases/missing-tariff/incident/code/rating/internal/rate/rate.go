package rate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/segmentio/kafka-go"
)

// ErrNoTariff says that the catalogue does not know a code.
var ErrNoTariff = errors.New("tariff not found")

type requested struct {
	SubscriptionID string `json:"subscriptionId"`
	Tariff         string `json:"tariff"`
}

// Rater turns requested subscriptions into plans. It reads subscriptions.requested.
type Rater struct {
	db  *sql.DB
	out *kafka.Writer
	log *slog.Logger
}

func (r *Rater) fee(ctx context.Context, code string) (int64, error) {
	var fee int64
	err := r.db.QueryRowContext(ctx, "SELECT fee_cents FROM tariffs WHERE code = $1", code).Scan(&fee)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("lookup %s: %w", code, ErrNoTariff)
	}
	return fee, err
}

// Handle rates one request; errors are logged by the caller's loop, which goes on.
func (r *Rater) Handle(ctx context.Context, msg kafka.Message) {
	log := r.log.With("trace_id", traceID(msg.Headers))
	var evt requested
	if err := json.Unmarshal(msg.Value, &evt); err != nil {
		log.Error("not rated", "error", fmt.Errorf("rate: decode: %w", err))
		return
	}
	log.Info("rating requested", "tariff", evt.Tariff)
	fee, err := r.fee(ctx, evt.Tariff)
	if err != nil {
		log.Warn("not rated", "error", fmt.Errorf("rate: %w", err))
		return
	}
	var plan int64
	err = r.db.QueryRowContext(ctx,
		"INSERT INTO plans (subscription, tariff, fee_cents, rated_at) VALUES ($1, $2, $3, now()) RETURNING plan_id",
		evt.SubscriptionID, evt.Tariff, fee).Scan(&plan)
	if err != nil {
		log.Error("not rated", "error", fmt.Errorf("rate: insert: %w", err))
		return
	}
	log.Info("rated", "plan", plan)
	body, _ := json.Marshal(map[string]any{"subscription": evt.SubscriptionID, "planId": plan})
	_ = r.out.WriteMessages(ctx, kafka.Message{Topic: "plans.rated", Key: msg.Key, Value: body})
}
