package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/config"
	"fernmoor.example/shipping-service/internal/messaging"
)

// The whole service against real servers: a packed parcel is booked, the carrier confirms, the shipment is dispatched.
func TestAParcelBecomesAShipmentThatIsDispatched(t *testing.T) {
	if os.Getenv("KAFKA_BOOTSTRAP") == "" || os.Getenv("DB_URL") == "" {
		t.Skip("needs real servers: set KAFKA_BOOTSTRAP and DB_URL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cfg, err := config.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("shipping_it_%d", time.Now().UnixNano())
	cfg.Prefix, cfg.Group = name+".", name
	cfg.DBURL = ownDatabase(t, cfg.DBURL, name)
	client := ownTopics(t, cfg)

	running := make(chan error, 1)
	stop, stopped := context.WithCancel(ctx)
	go func() { running <- Run(stop, cfg, slog.New(slog.DiscardHandler), func() {}) }()
	t.Cleanup(func() {
		stopped()
		if err := <-running; err != nil {
			t.Errorf("run: %v", err)
		}
	})

	send(t, ctx, client, cfg.Prefix+messaging.ParcelsPacked, `nonsense`)
	send(t, ctx, client, cfg.Prefix+messaging.ParcelsPacked,
		`{"parcels":[{"parcelNo":"FMP1","orderId":4200017,"pickId":3,"weightGrams":900}]}`)
	created := receive(t, ctx, client, cfg.Prefix+messaging.ShipmentsCreated)
	if created["orderId"] != float64(4200017) || created["carrier"] != "NORDPOST" {
		t.Fatalf("created %v", created)
	}
	send(t, ctx, client, cfg.Prefix+messaging.CarrierConfirmations,
		fmt.Sprintf(`{"shipmentNo":%q,"tracking":"NP-IT-1"}`, created["shipmentNo"]))
	dispatched := receive(t, ctx, client, cfg.Prefix+messaging.ShipmentsDispatched)
	if dispatched["shipmentNo"] != created["shipmentNo"] || dispatched["tracking"] != "NP-IT-1" {
		t.Fatalf("dispatched %v", dispatched)
	}
}

func ownDatabase(t *testing.T, admin, name string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		_ = conn.Close(ctx)
	})
	own, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	own.Path = "/" + name
	return own.String()
}

func ownTopics(t *testing.T, cfg config.Config) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.ConsumeTopics(cfg.Prefix+messaging.ShipmentsCreated, cfg.Prefix+messaging.ShipmentsDispatched))
	if err != nil {
		t.Fatal(err)
	}
	var topics []string
	for _, topic := range []string{
		messaging.ParcelsPacked, messaging.CarrierRequests, messaging.CarrierConfirmations,
		messaging.ShipmentsCreated, messaging.ShipmentsDispatched,
	} {
		topics = append(topics, cfg.Prefix+topic)
	}
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopics(context.Background(), 1, 1, nil, topics...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.DeleteTopics(context.Background(), topics...)
		client.Close()
	})
	return client
}

func send(t *testing.T, ctx context.Context, client *kgo.Client, topic, value string) {
	t.Helper()
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, ctx context.Context, client *kgo.Client, topic string) map[string]any {
	t.Helper()
	for {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			t.Fatalf("nothing on %s: %v", topic, err)
		}
		for _, r := range fetches.Records() {
			if r.Topic != topic {
				continue
			}
			var value map[string]any
			if err := json.Unmarshal(r.Value, &value); err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
}
