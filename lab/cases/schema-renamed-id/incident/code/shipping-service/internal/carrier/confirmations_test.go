package carrier

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/shipment"
)

type fake struct {
	err  error
	sent []any
}

func (f *fake) Dispatch(_ context.Context, _, _ string, at time.Time) (time.Time, error) {
	return at, f.err
}

func (f *fake) Publish(_ context.Context, _, _ string, message any) error {
	f.sent = append(f.sent, message)
	return nil
}

func handle(f *fake, value string) error {
	r := &kgo.Record{Value: []byte(value), Timestamp: time.UnixMilli(1_700_000_000_000)}
	return New(f, f, slog.New(slog.DiscardHandler)).Handle(context.Background(), r)
}

func TestAConfirmationDispatchesTheShipment(t *testing.T) {
	f := &fake{}
	if err := handle(f, `{"shipmentNo":"FMS1","tracking":"NP77"}`); err != nil {
		t.Fatal(err)
	}
	want := dispatched{"FMS1", "NP77", time.UnixMilli(1_700_000_000_000).UTC()}
	if len(f.sent) != 1 || f.sent[0] != want {
		t.Fatalf("sent %v", f.sent)
	}
}

func TestAConfirmationForNobodyIsRefused(t *testing.T) {
	f := &fake{err: shipment.ErrUnknown}
	if err := handle(f, `{"shipmentNo":"FMS1","tracking":"NP77"}`); !errors.Is(err, shipment.ErrUnknown) || len(f.sent) != 0 {
		t.Fatalf("err %v, sent %v", err, f.sent)
	}
	if err := handle(f, `{"tracking":"NP77"}`); err == nil {
		t.Fatal("no error without a shipment")
	}
}
