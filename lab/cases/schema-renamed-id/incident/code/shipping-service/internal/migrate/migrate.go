// Package migrate applies schema migrations at start-up. Files and bookkeeping are those of golang-migrate, so that its command
// line can still be used by hand.
package migrate

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"sort"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

type migration struct {
	version int64
	name    string
}

// lockKey keeps two instances that start together from migrating at once.
const lockKey = 7_310_022

// Up applies every migration above the database's version, each in a transaction of its own.
func Up(ctx context.Context, conn *pgx.Conn, files fs.FS, log *slog.Logger) error {
	pending, err := list(files)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lockKey) //nolint:errcheck // the session ends anyway

	current, err := version(ctx, conn)
	if err != nil {
		return err
	}
	for _, m := range pending {
		if m.version <= current {
			continue
		}
		if err := apply(ctx, conn, files, m); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		log.Info("migration applied", "migration", m.name)
	}
	return nil
}

func list(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.up.sql")
	if err != nil {
		return nil, err
	}
	out := make([]migration, 0, len(names))
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: no version in its name", name)
		}
		out = append(out, migration{v, name})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].version < out[j].version })
	return out, nil
}

func version(ctx context.Context, conn *pgx.Conn) (int64, error) {
	const table = "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)"
	if _, err := conn.Exec(ctx, table); err != nil {
		return 0, fmt.Errorf("schema_migrations: %w", err)
	}
	var v int64
	err := conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&v)
	return v, err
}

func apply(ctx context.Context, conn *pgx.Conn, files fs.FS, m migration) error {
	sql, err := fs.ReadFile(files, m.name)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, string(sql)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM schema_migrations"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO schema_migrations (version, dirty) VALUES ($1, false)", m.version)
		return err
	})
}
