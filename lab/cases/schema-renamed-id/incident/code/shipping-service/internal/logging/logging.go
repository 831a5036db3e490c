// Package logging sets up the JSON log.
package logging

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// New returns the service's logger. With a folder it writes to <dir>/<instance>.log, otherwise to standard output.
func New(dir, instance string) (*slog.Logger, io.Closer, error) {
	out := io.WriteCloser(nopCloser{os.Stdout})
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, nil, err
		}
		file, err := os.OpenFile(filepath.Join(dir, instance+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, err
		}
		out = file
	}
	handler := slog.NewJSONHandler(out, &slog.HandlerOptions{AddSource: true, ReplaceAttr: shortSource})
	return slog.New(handler).With("service", "shipping-service", "instance", instance), out, nil
}

// shortSource leaves of the source only what helps: package/file.go:line.
func shortSource(groups []string, attr slog.Attr) slog.Attr {
	source, ok := attr.Value.Any().(*slog.Source)
	if !ok || len(groups) > 0 {
		return attr
	}
	dir := filepath.Base(filepath.Dir(source.File))
	return slog.Attr{Key: attr.Key, Value: slog.GroupValue(
		slog.String("file", dir+"/"+filepath.Base(source.File)), slog.Int("line", source.Line))}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
