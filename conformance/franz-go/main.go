// Program franz-go runs the cases that the runner names and prints an outcome a line, as ../support/program.ts
// describes.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"time"
)

// Scenario is what a case is given.
type Scenario struct {
	bootstrap string
	prefix    string
	answers   *bufio.Scanner
}

// Case fails by panicking with what was wrong.
type Case func(scenario Scenario)

// name makes a name for a topic or group of this case, that no other run uses.
func (s Scenario) name(suffix string) string { return s.prefix + "-" + suffix }

// restartNode kills the node with SIGKILL and returns when it is ready again.
func (s Scenario) restartNode() {
	say(map[string]any{"ask": "restart"})
	if !s.answers.Scan() || s.answers.Text() != "restarted" {
		panic("the node did not come back")
	}
}

func main() {
	var order struct {
		Bootstrap, Prefix string
		Cases             []string
	}
	check(json.Unmarshal([]byte(os.Args[1]), &order))
	cases := map[string]Case{}
	for _, some := range []map[string]Case{adminCases, produceCases, positionCases, groupCases, refusalCases} {
		for name, run := range some {
			cases[name] = run
		}
	}
	answers := bufio.NewScanner(os.Stdin)
	for _, name := range order.Cases {
		say(map[string]any{"start": name})
		scenario := Scenario{order.Bootstrap, order.Prefix + "-" + name, answers}
		if failure := attempt(cases[name], scenario); failure == nil {
			say(map[string]any{"case": name, "ok": true})
		} else {
			say(map[string]any{"case": name, "ok": false, "reason": fmt.Sprint(failure)})
		}
	}
}

func attempt(run Case, scenario Scenario) (failure any) {
	defer func() {
		if failure = recover(); failure != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", failure, debug.Stack())
		}
	}()
	if run == nil {
		return "this client has no such case"
	}
	run(scenario)
	return nil
}

func say(line map[string]any) {
	text, err := json.Marshal(line)
	check(err)
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func equal(what string, actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Sprintf("%s: expected %.400v, got %.400v", what, expected, actual))
	}
}

// refused fails unless the error is, or wraps, the one that is expected.
func refused(expected error, what string, err error) {
	if !errors.Is(err, expected) {
		panic(fmt.Sprintf("%s: expected %v, got %v", what, expected, err))
	}
}

// until returns as soon as the condition holds, and fails when it still does not at the deadline.
func until(what string, condition func() bool, detail ...func() any) {
	untilFor(30*time.Second, what, condition, detail...)
}

func untilFor(patience time.Duration, what string, condition func() bool, detail ...func() any) {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			text := fmt.Sprintf("waited %v in vain for: %s", patience, what)
			for _, each := range detail {
				text += fmt.Sprintf("; %v", each())
			}
			panic(text)
		}
	}
}

// soon is a context for one request or a few.
func soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	context.AfterFunc(ctx, cancel)
	return ctx
}
