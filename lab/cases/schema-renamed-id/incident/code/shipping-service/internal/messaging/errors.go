package messaging

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Transient says whether trying the same again may help.
func Transient(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Connection, transaction rollback, resources, operator intervention.
		for _, class := range []string{"08", "40", "53", "57"} {
			if strings.HasPrefix(pg.Code, class) {
				return true
			}
		}
		return pg.Code == "55P03" // lock not available
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || kerr.IsRetriable(err) ||
		errors.Is(err, context.DeadlineExceeded)
}
