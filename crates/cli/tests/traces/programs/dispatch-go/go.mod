module example.org/dispatch

go 1.22

require (
	github.com/pkg/errors v0.9.1
	github.com/stretchr/testify v1.9.0
)
