package shipment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrUnknown is returned for a shipment number that is not ours.
var ErrUnknown = errors.New("unknown shipment")

// Store keeps shipments in PostgreSQL.
type Store struct{ pool *pgxpool.Pool }

// NewStore returns a store on the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool} }

const columns = "shipment_no, order_id, parcel_no, carrier, weight_grams, state"

// Create books the parcel, or returns the shipment that it became when its record was delivered before.
func (s *Store) Create(ctx context.Context, p Parcel, carrier string) (Shipment, error) {
	known, err := s.byParcel(ctx, p.ParcelNo)
	if err == nil {
		return known, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return Shipment{}, fmt.Errorf("look up parcel %s: %w", p.ParcelNo, err)
	}
	const insert = `INSERT INTO shipments (shipment_no, order_id, parcel_no, carrier, weight_grams, state)
		VALUES ('FMS' || nextval('shipment_numbers'), $1, $2, $3, $4, $5) RETURNING ` + columns
	created, err := scan(s.pool.QueryRow(ctx, insert, p.OrderID, p.ParcelNo, carrier, p.WeightGrams, Created))
	if err != nil {
		return Shipment{}, fmt.Errorf("insert shipment for parcel %s: %w", p.ParcelNo, err)
	}
	return created, nil
}

func (s *Store) byParcel(ctx context.Context, parcelNo string) (Shipment, error) {
	return scan(s.pool.QueryRow(ctx, "SELECT "+columns+" FROM shipments WHERE parcel_no = $1", parcelNo))
}

// MarkRequested notes that the carrier was asked.
func (s *Store) MarkRequested(ctx context.Context, no string) error {
	const update = "UPDATE shipments SET state = $2, requested_at = now() WHERE shipment_no = $1 AND state = $3"
	if _, err := s.pool.Exec(ctx, update, no, Requested, Created); err != nil {
		return fmt.Errorf("mark shipment %s requested: %w", no, err)
	}
	return nil
}

// Dispatch notes the carrier's confirmation. It returns the time of the first one when the carrier confirms twice.
func (s *Store) Dispatch(ctx context.Context, no, tracking string, at time.Time) (time.Time, error) {
	const update = `UPDATE shipments SET state = $2, tracking = $3, dispatched_at = coalesce(dispatched_at, $4)
		WHERE shipment_no = $1 RETURNING dispatched_at`
	var dispatched time.Time
	err := s.pool.QueryRow(ctx, update, no, Dispatched, tracking, at).Scan(&dispatched)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, fmt.Errorf("%w: %s", ErrUnknown, no)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("dispatch shipment %s: %w", no, err)
	}
	return dispatched, nil
}

func scan(row pgx.Row) (Shipment, error) {
	var s Shipment
	err := row.Scan(&s.No, &s.OrderID, &s.ParcelNo, &s.Carrier, &s.WeightGrams, &s.State)
	return s, err
}
