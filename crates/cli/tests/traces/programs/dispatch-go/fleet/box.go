package fleet

// Box holds anything.
type Box struct {
	Values []any
}

// First is the first of its values.
func First[T any](box Box) T {
	return box.Values[0].(T)
}
