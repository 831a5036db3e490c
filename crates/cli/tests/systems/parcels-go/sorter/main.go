package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	cl, err := kgo.NewClient(
		kgo.SeedBrokers("kafka:9092"),
		kgo.ConsumerGroup("sorter"),
		kgo.ConsumeTopics("parcels.scanned"),
	)
	if err != nil {
		panic(err)
	}
	for {
		fetches := cl.PollFetches(context.Background())
		fetches.EachRecord(func(r *kgo.Record) {
			cl.Produce(context.Background(), &kgo.Record{Topic: "parcels.sorted", Key: r.Key, Value: r.Value}, nil)
		})
	}
}
