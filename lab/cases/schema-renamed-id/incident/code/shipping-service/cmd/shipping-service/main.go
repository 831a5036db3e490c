// Command shipping-service books parcels with carriers and follows them until they are on their way.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"fernmoor.example/shipping-service/internal/app"
	"fernmoor.example/shipping-service/internal/config"
	"fernmoor.example/shipping-service/internal/health"
	"fernmoor.example/shipping-service/internal/logging"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "shipping-service:", err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := config.FromEnv()
	if err != nil {
		return err
	}
	log, closer, err := logging.New(cfg.LogDir, cfg.Instance)
	if err != nil {
		return err
	}
	defer closer.Close() //nolint:errcheck // nothing is left to be told

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log.Info("starting", "version", version, "port", cfg.Port)

	probe := health.New(cfg.Port)
	probed := make(chan error, 1)
	go func() {
		err := probe.Run(ctx)
		probed <- err
		stop()
	}()
	if err := app.Run(ctx, cfg, log, func() { probe.SetReady(true) }); err != nil {
		log.Error("stopped", "error", err)
		return err
	}
	log.Info("stopped")
	stop()
	return <-probed
}
