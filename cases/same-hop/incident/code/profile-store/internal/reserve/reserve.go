package reserve

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"
)

type ordered struct {
	Order int64 `json:"order"`
	Zone  int   `json:"zone"`
	Days  int   `json:"days"`
}

// Reserver takes an ICCID from the pool for each ordered eSIM. It reads esim.ordered.
type Reserver struct {
	db   *sql.DB
	pool *Pool
	out  *kafka.Writer
	log  *slog.Logger
}

func (r *Reserver) insert(ctx context.Context, order int64, iccid string) (int64, error) {
	res, err := r.db.ExecContext(ctx, "INSERT INTO profiles (order_id, iccid, reserved_at) VALUES (?, ?, NOW(3))", order, iccid)
	if err != nil {
		return 0, fmt.Errorf("insert profile: %w", err)
	}
	return res.LastInsertId()
}

// Handle reserves a profile; a failure is logged and the record is done with.
func (r *Reserver) Handle(ctx context.Context, msg kafka.Message) {
	var evt ordered
	if err := json.Unmarshal(msg.Value, &evt); err != nil {
		r.log.Error("unreadable record", "partition", msg.Partition, "offset", msg.Offset, "error", err)
		return
	}
	began := time.Now()
	iccid := r.pool.Next(evt.Zone)
	profile, err := r.insert(ctx, evt.Order, iccid)
	took := time.Since(began).Microseconds()
	if err != nil {
		r.log.Error("reservation failed", "order_id", evt.Order, "duration_us", took, "error", fmt.Errorf("reserve: %w", err))
		return
	}
	r.log.Info("profile reserved", "order_id", evt.Order, "profile", profile, "iccid", iccid, "duration_us", took)
	body, _ := json.Marshal(map[string]any{"order": evt.Order, "profile": profile, "iccid": iccid})
	_ = r.out.WriteMessages(ctx, kafka.Message{Topic: "profile.reserved", Key: msg.Key, Value: body})
}
