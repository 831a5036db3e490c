package main

import (
	"context"

	"github.com/IBM/sarama"
)

type handler struct{}

func (handler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		notify(message.Value)
		session.MarkMessage(message, "")
	}
	return nil
}

func main() {
	group, _ := sarama.NewConsumerGroup([]string{"kafka:9092"}, "notifier", sarama.NewConfig())
	topics := []string{"parcels.sorted"}
	for {
		_ = group.Consume(context.Background(), topics, handler{})
	}
}
