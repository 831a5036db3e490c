// Command dispatch plans vans' tours.
package main

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"

	"example.org/dispatch/fleet"
	"example.org/dispatch/route"
	"example.org/dispatch/web"
)

func main() {
	vans := fleet.New()
	switch os.Args[1] {
	case "no-such-van":
		vans.Drop("v9", "p1")
	case "short-tour":
		route.Workers([][]route.Stop{{{Name: "a"}}, {}})
	case "nil-window":
		web.Serve(web.NewPlanner(nil))
	case "bad-coordinate":
		if err := route.Load("59.3;18.1,57.7;x1.9"); err != nil {
			fmt.Fprintf(os.Stderr, "tour not loaded: %+v\n", err)
			os.Exit(1)
		}
	case "json-log":
		protect(func() { route.Mean(route.Tour{}) })
	case "wrong-type":
		fmt.Println(fleet.First[int](fleet.Box{Values: []any{"seven"}}))
	case "waits-for-itself":
		vans.Count()
	}
}

func protect(work func()) {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	defer func() {
		if failure := recover(); failure != nil {
			log.Error("planning failed", "error", fmt.Sprint(failure), "stack", string(debug.Stack()))
		}
	}()
	work()
}
