// Package fleet knows the vans.
package fleet

import "sync"

// Van holds parcels by their number.
type Van struct {
	Name  string
	Cargo map[string]int
}

// Fleet is all vans.
type Fleet struct {
	mu   sync.Mutex
	vans map[string]*Van
}

// New has two vans.
func New() *Fleet {
	return &Fleet{vans: map[string]*Van{"v1": {Name: "v1", Cargo: map[string]int{}}, "v2": {Name: "v2"}}}
}

func (f *Fleet) find(name string) *Van {
	return f.vans[name]
}

// Load puts a parcel into a van.
func (f *Fleet) Load(van, parcel string, kilos int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.find(van).Cargo[parcel] = kilos
}

// Drop takes a parcel out.
func (f *Fleet) Drop(van, parcel string) int {
	found := f.find(van)
	kilos := found.Cargo[parcel]
	delete(found.Cargo, parcel)
	return kilos
}

// Count is how many parcels there are.
func (f *Fleet) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for name := range f.vans {
		sum += f.parcels(name)
	}
	return sum
}

func (f *Fleet) parcels(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.vans[name].Cargo)
}
