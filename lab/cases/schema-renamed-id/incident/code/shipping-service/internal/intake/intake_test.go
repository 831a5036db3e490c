package intake

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"fernmoor.example/shipping-service/internal/shipment"
)

type fakeStore struct {
	states map[string]shipment.State
	refuse map[string]error
}

func (f *fakeStore) Create(_ context.Context, p shipment.Parcel, carrier string) (shipment.Shipment, error) {
	if err := f.refuse[p.ParcelNo]; err != nil {
		return shipment.Shipment{}, err
	}
	state, known := f.states[p.ParcelNo]
	if !known {
		state = shipment.Created
	}
	f.states[p.ParcelNo] = state
	return shipment.Shipment{No: "FMS-" + p.ParcelNo, ParcelNo: p.ParcelNo, Carrier: carrier, State: state}, nil
}

func (f *fakeStore) MarkRequested(_ context.Context, no string) error {
	f.states[no[len("FMS-"):]] = shipment.Requested
	return nil
}

type fakePublisher struct{ sent []string }

func (f *fakePublisher) Publish(_ context.Context, topic, key string, _ any) error {
	f.sent = append(f.sent, topic+" "+key)
	return nil
}

func handle(t *testing.T, s *fakeStore, value string) ([]string, error) {
	t.Helper()
	p := &fakePublisher{}
	err := New(s, p, slog.New(slog.DiscardHandler)).Handle(context.Background(), &kgo.Record{Value: []byte(value)})
	return p.sent, err
}

func TestAParcelIsAnnouncedAndTheCarrierAsked(t *testing.T) {
	sent, err := handle(t, &fakeStore{states: map[string]shipment.State{}}, `{"parcels":[{"parcelNo":"FMP1","weightGrams":900}]}`)
	if err != nil || len(sent) != 2 || sent[0] != "shipments.created.v1 FMS-FMP1" || sent[1] != "carrier.requests.v1 FMS-FMP1" {
		t.Fatalf("sent %v, err %v", sent, err)
	}
}

func TestABookedParcelIsNotBookedAgain(t *testing.T) {
	s := &fakeStore{states: map[string]shipment.State{"FMP1": shipment.Requested}}
	sent, err := handle(t, s, `{"parcels":[{"parcelNo":"FMP1","weightGrams":900}]}`)
	if err != nil || len(sent) != 0 {
		t.Fatalf("sent %v, err %v", sent, err)
	}
}

func TestOneBadParcelCostsOnlyItself(t *testing.T) {
	refused := errors.New("value too long")
	s := &fakeStore{states: map[string]shipment.State{}, refuse: map[string]error{"FMP1": refused}}
	sent, err := handle(t, s, `{"parcels":[{"parcelNo":"FMP1","weightGrams":9},{"parcelNo":"FMP2","weightGrams":9},
		{"parcelNo":"FMP3","weightGrams":99999}]}`)
	if !errors.Is(err, refused) || len(sent) != 2 || sent[0] != "shipments.created.v1 FMS-FMP2" {
		t.Fatalf("sent %v, err %v", sent, err)
	}
}

func TestWhatIsNotJSONIsRefused(t *testing.T) {
	if _, err := handle(t, &fakeStore{}, "parcel"); err == nil {
		t.Fatal("no error")
	}
}
