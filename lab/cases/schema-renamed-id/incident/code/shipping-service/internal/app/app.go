// Package app wires the service.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/carrier"
	"fernmoor.example/shipping-service/internal/config"
	"fernmoor.example/shipping-service/internal/intake"
	"fernmoor.example/shipping-service/internal/messaging"
	"fernmoor.example/shipping-service/internal/migrate"
	"fernmoor.example/shipping-service/internal/shipment"
	"fernmoor.example/shipping-service/migrations"
)

// Run migrates, joins the group and handles records until the context ends. It calls ready once it has begun.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, ready func()) error {
	pool, err := openPool(ctx, cfg.DBURL, log)
	if err != nil {
		return err
	}
	defer pool.Close()

	client, err := kgo.NewClient(
		kgo.SeedBrokers(cfg.Brokers...),
		kgo.ClientID(cfg.Instance),
		kgo.ConsumerGroup(cfg.Group),
		kgo.ConsumeTopics(cfg.Prefix+messaging.ParcelsPacked, cfg.Prefix+messaging.CarrierConfirmations),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			log.Info("partitions assigned", "partitions", got)
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, lost map[string][]int32) {
			log.Info("partitions revoked", "partitions", lost)
		}),
	)
	if err != nil {
		return fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	if err := client.Ping(ctx); err != nil {
		return fmt.Errorf("kafka: %w", err)
	}

	store, publisher := shipment.NewStore(pool), messaging.NewPublisher(client, cfg.Prefix)
	handlers := map[string]messaging.Handler{
		messaging.ParcelsPacked:        intake.New(store, publisher, log).Handle,
		messaging.CarrierConfirmations: carrier.New(store, publisher, log).Handle,
	}
	ready()
	return messaging.NewConsumer(client, cfg.Prefix, handlers, messaging.NewParking(pool).Park, log).Run(ctx)
}

func openPool(ctx context.Context, url string, log *slog.Logger) (*pgxpool.Pool, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	err = migrate.Up(ctx, conn, migrations.Files, log)
	_ = conn.Close(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	settings.MaxConns = 6
	return pgxpool.NewWithConfig(ctx, settings)
}
