package fleet

import "strings"

// Label is how a van is called on paper.
func (v *Van) Label() string {
	return strings.TrimPrefix("van "+v.Name, "van ")
}

// Free is how many places are left, never less than none.
func Free(places, taken int) int {
	return places - taken
}
