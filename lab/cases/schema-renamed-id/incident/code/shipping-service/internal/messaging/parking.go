package messaging

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Parking keeps records that could not be handled, with the reason, in a table that support can query.
type Parking struct{ pool *pgxpool.Pool }

// NewParking returns a parking lot on the pool.
func NewParking(pool *pgxpool.Pool) *Parking { return &Parking{pool} }

// Park stores the record; parking it twice changes nothing.
func (p *Parking) Park(ctx context.Context, r *kgo.Record, reason error) error {
	const insert = `INSERT INTO parked_records (topic, part, "offset", value, reason) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT parked_records_position_key DO NOTHING`
	if _, err := p.pool.Exec(ctx, insert, r.Topic, r.Partition, r.Offset, string(r.Value), reason.Error()); err != nil {
		return fmt.Errorf("park %s: %w", Position(r), err)
	}
	return nil
}

// Position names a record the way our logs do: topic-partition@offset.
func Position(r *kgo.Record) string { return fmt.Sprintf("%s-%d@%d", r.Topic, r.Partition, r.Offset) }
