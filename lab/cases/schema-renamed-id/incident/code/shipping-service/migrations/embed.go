// Package migrations holds the SQL files of the schema.
package migrations

import "embed"

// Files are the migrations, named VERSION_title.up.sql and VERSION_title.down.sql.
//
//go:embed *.sql
var Files embed.FS
