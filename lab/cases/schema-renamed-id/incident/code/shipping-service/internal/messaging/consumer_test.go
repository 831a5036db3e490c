package messaging

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"
)

func consumer(h Handler, parked *[]error) *Consumer {
	park := func(_ context.Context, _ *kgo.Record, reason error) error {
		*parked = append(*parked, reason)
		return nil
	}
	c := NewConsumer(nil, "it-", map[string]Handler{"t": h}, park, slog.New(slog.DiscardHandler))
	c.backoff, c.attempts = time.Microsecond, 3
	return c
}

func TestARecordThatCannotBeHandledIsParked(t *testing.T) {
	var parked []error
	bad := errors.New("no carrier takes 40000 g")
	c := consumer(func(context.Context, *kgo.Record) error { return bad }, &parked)
	if err := c.handle(context.Background(), &kgo.Record{Topic: "it-t"}); err != nil {
		t.Fatal(err)
	}
	if len(parked) != 1 || !errors.Is(parked[0], bad) {
		t.Fatalf("parked %v", parked)
	}
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	var parked []error
	calls := 0
	c := consumer(func(context.Context, *kgo.Record) error {
		if calls++; calls < 3 {
			return &pgconn.PgError{Code: "40P01"}
		}
		return nil
	}, &parked)
	if err := c.handle(context.Background(), &kgo.Record{Topic: "it-t"}); err != nil || calls != 3 || len(parked) != 0 {
		t.Fatalf("err %v, %d calls, parked %v", err, calls, parked)
	}
}

func TestUsedUpAttemptsStopTheConsumerInsteadOfLosingTheRecord(t *testing.T) {
	var parked []error
	c := consumer(func(context.Context, *kgo.Record) error { return &pgconn.PgError{Code: "08006"} }, &parked)
	if err := c.handle(context.Background(), &kgo.Record{Topic: "it-t"}); err == nil || len(parked) != 0 {
		t.Fatalf("err %v, parked %v", err, parked)
	}
}

func TestAPanicIsParkedToo(t *testing.T) {
	var parked []error
	c := consumer(func(context.Context, *kgo.Record) error { panic("oops") }, &parked)
	if err := c.handle(context.Background(), &kgo.Record{Topic: "it-t"}); err != nil {
		t.Fatal(err)
	}
	if len(parked) != 1 || !errors.Is(parked[0], errPanic) {
		t.Fatalf("parked %v", parked)
	}
}
