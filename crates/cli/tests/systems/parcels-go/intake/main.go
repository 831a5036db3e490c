package main

import (
	"context"
	"os"

	"github.com/segmentio/kafka-go"
)

const defaultTopic = "parcels.scanned"

func topic() string {
	if t := os.Getenv("SCAN_TOPIC"); t != "" {
		return t
	}
	return defaultTopic
}

func main() {
	writer := &kafka.Writer{Addr: kafka.TCP("kafka:9092"), Topic: topic(), Balancer: &kafka.Hash{}}
	defer writer.Close()
	_ = writer.WriteMessages(context.Background(), kafka.Message{Key: []byte("1"), Value: []byte("{}")})
}
