// Package route plans tours.
package route

import (
	"strconv"
	"strings"
	"sync"

	"github.com/pkg/errors"
)

// Stop is where a van stops.
type Stop struct {
	Name     string
	Lat, Lon float64
}

// Tour is a van's day.
type Tour struct {
	Stops  []Stop
	Metres int
}

// Load reads a tour.
func Load(text string) error {
	for _, part := range strings.Split(text, ",") {
		if _, err := parseStop(part); err != nil {
			return errors.Wrap(err, "tour "+text[:4])
		}
	}
	return nil
}

func parseStop(text string) (Stop, error) {
	lat, lon, _ := strings.Cut(text, ";")
	a, err := strconv.ParseFloat(lat, 64)
	if err != nil {
		return Stop{}, errors.Wrap(err, "latitude")
	}
	b, err := strconv.ParseFloat(strings.TrimLeft(lon, "0"), 64)
	if err != nil {
		return Stop{}, errors.Wrap(err, "longitude")
	}
	return Stop{Lat: a, Lon: b}, nil
}

// Mean is the mean length of a leg.
func Mean(tour Tour) int {
	return tour.Metres / len(tour.Stops)
}

// Workers plans many tours at once.
func Workers(tours [][]Stop) {
	var all sync.WaitGroup
	for _, stops := range tours {
		all.Add(1)
		go func() {
			defer all.Done()
			last(stops)
		}()
	}
	all.Wait()
}

func last(stops []Stop) Stop {
	return stops[len(stops)-1]
}
