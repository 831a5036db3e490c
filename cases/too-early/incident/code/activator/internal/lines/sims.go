package lines

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
)

type assigned struct {
	Order string `json:"order"`
	ICCID string `json:"iccid"`
}

// Sims activates a line once its card is known. It reads sims.assigned.
type Sims struct {
	db  *sql.DB
	out *kafka.Writer
	log *slog.Logger
}

// Handle activates the line of one assignment.
func (s *Sims) Handle(ctx context.Context, msg kafka.Message) error {
	var evt assigned
	if err := json.Unmarshal(msg.Value, &evt); err != nil {
		return fmt.Errorf("sims: decode: %w", err)
	}
	var line int64
	err := s.db.QueryRowContext(ctx, "SELECT line FROM lines WHERE order_key = $1", evt.Order).Scan(&line)
	if errors.Is(err, sql.ErrNoRows) {
		s.log.Info("no line yet, assignment ignored", "order", evt.Order, "iccid", evt.ICCID)
		return nil
	}
	if err != nil {
		return fmt.Errorf("sims: line of %s: %w", evt.Order, err)
	}
	if _, err := s.db.ExecContext(ctx, "INSERT INTO activations (line, iccid, done) VALUES ($1, $2, now())", line, evt.ICCID); err != nil {
		return fmt.Errorf("sims: activate %d: %w", line, err)
	}
	s.log.Info("line activated", "line", line, "iccid", evt.ICCID)
	body, _ := json.Marshal(map[string]any{"orderKey": evt.Order, "line": line, "since": time.Now()})
	return s.out.WriteMessages(ctx, kafka.Message{Topic: "lines.active", Key: []byte(evt.Order), Value: body})
}
