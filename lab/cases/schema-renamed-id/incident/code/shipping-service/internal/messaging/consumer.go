package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Handler handles one record. An error that is not transient parks the record.
type Handler func(ctx context.Context, r *kgo.Record) error

// Consumer polls, hands each record to its topic's handler and commits what was handled.
type Consumer struct {
	client   *kgo.Client
	handlers map[string]Handler
	park     func(ctx context.Context, r *kgo.Record, reason error) error
	prefix   string
	log      *slog.Logger
	backoff  time.Duration
	attempts int
}

// NewConsumer returns a consumer for the topics of the handlers.
func NewConsumer(client *kgo.Client, prefix string, handlers map[string]Handler,
	park func(context.Context, *kgo.Record, error) error, log *slog.Logger,
) *Consumer {
	return &Consumer{client, handlers, park, prefix, log, 200 * time.Millisecond, 8}
}

// Run polls until the context ends. An error that would lose records ends it as well: a restart begins at the last commit.
func (c *Consumer) Run(ctx context.Context) error {
	for {
		fetches := c.client.PollRecords(ctx, 200)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			return nil
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			c.log.Warn("fetch failed", "topic", topic, "partition", partition, "error", err)
		})
		records := fetches.Records()
		for _, r := range records {
			if err := c.handle(ctx, r); err != nil {
				return err
			}
		}
		if len(records) == 0 {
			continue
		}
		if err := c.client.CommitRecords(ctx, records...); err != nil && ctx.Err() == nil {
			c.log.Warn("commit failed, records may come again", "error", err)
		}
	}
}

// handle tries a record until it is done, is parked, or the attempts are used up.
func (c *Consumer) handle(ctx context.Context, r *kgo.Record) error {
	handler, ok := c.handlers[strings.TrimPrefix(r.Topic, c.prefix)]
	if !ok {
		return fmt.Errorf("no handler for topic %s", r.Topic)
	}
	wait := c.backoff
	for attempt := 1; ; attempt++ {
		err := c.protect(ctx, handler, r)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !Transient(err):
			c.log.Error("record parked", "record", Position(r), "error", err)
			return c.park(ctx, r, err)
		case attempt >= c.attempts:
			return fmt.Errorf("record %s failed %d times: %w", Position(r), attempt, err)
		}
		c.log.Warn("record failed, trying again", "record", Position(r), "attempt", attempt, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*time.Second)
	}
}

var errPanic = errors.New("handler panicked")

// protect turns a panic of a handler into an error, so that one record cannot take the service down.
func (c *Consumer) protect(ctx context.Context, handler Handler, r *kgo.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("handler panicked", "record", Position(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return handler(ctx, r)
}
