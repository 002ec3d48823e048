package main

import (
	"context"
	"errors"
	"reflect"
	"slices"

	datatransfer "github.com/filecoin-project/go-data-transfer"
	"github.com/filecoin-project/go-data-transfer/channels"
	"github.com/filecoin-project/go-statemachine"
	"github.com/filecoin-project/go-statemachine/fsm"
)

// cell is what go-data-transfer makes of an event in a status: the status after it, why it was refused if it was, the
// message if that is another, and whether what belongs to the channel is
// released. A channel begins with a message. That an end is paused is a status.
type cell struct {
	Status   string  `json:"status"`
	Event    string  `json:"event"`
	After    string  `json:"after"`
	Refused  string  `json:"refused,omitempty"`
	Message  *string `json:"message,omitempty"`
	CleansUp bool    `json:"cleansUp,omitempty"`
}

const messageBefore = "before"

// square feeds each event to a channel in each status, and says what became of it.
func square(ctx context.Context, _ *options) error {
	machine, err := newMachine()
	if err != nil {
		return err
	}
	for _, status := range sorted(datatransfer.Statuses) {
		for _, event := range append(sorted(datatransfer.Events), datatransfer.Opened) { // whose name was forgotten
			found, err := machine.feed(ctx, status, event)
			if err != nil {
				return err
			}
			say(found)
		}
	}
	return nil
}

func sorted[K datatransfer.Status | datatransfer.EventCode](names map[K]string) []K {
	var keys []K
	for key := range names {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// machine is the state machine of channels, with all that belongs to it but a store.
type machine struct {
	state   reflect.Type
	handler statemachine.StateHandler
	events  fsm.EventProcessor
}

func newMachine() (*machine, error) {
	// The type of a channel's state is not for others; what cleans up takes one.
	state := reflect.TypeOf(channels.ChannelStateEntryFuncs[datatransfer.Completing]).In(2)
	parameters := fsm.Parameters{
		Environment:     environment{},
		StateType:       reflect.Zero(state).Interface(),
		StateKeyField:   "Status",
		Events:          channels.ChannelEvents,
		StateEntryFuncs: channels.ChannelStateEntryFuncs,
		FinalityStates:  channels.ChannelFinalityStates,
	}
	handler, err := fsm.NewFSMHandler(parameters)
	if err != nil {
		return nil, err
	}
	events, err := fsm.NewEventProcessor(parameters.StateType, parameters.StateKeyField, parameters.Events)
	return &machine{state, handler, events}, err
}

// environment is never asked: cleaning up is only looked for, not done.
type environment struct{ channels.ChannelEnvironment }

func (m *machine) feed(ctx context.Context, status datatransfer.Status, event datatransfer.EventCode) (*cell, error) {
	channel := reflect.New(m.state)
	field := channel.Elem().FieldByName
	field("Status").Set(reflect.ValueOf(status))
	field("Message").SetString(messageBefore)
	field("Stages").Set(reflect.ValueOf(&datatransfer.ChannelStages{}))

	found := &cell{Status: datatransfer.Statuses[status], Event: eventOf(event)}
	answers := make(chan error, 1)
	fed, err := m.events.Generate(ctx, event, answers, arguments(event)...)
	if err != nil {
		found.Refused = "no such event"
	} else {
		next, _, err := m.handler.Plan([]statemachine.Event{{User: fed}}, channel.Interface())
		if err != nil && !errors.Is(err, statemachine.ErrTerminated) {
			return nil, err
		}
		found.CleansUp = next != nil
		var recorded fsm.ErrSkipHandler
		switch err := <-answers; {
		case errors.Is(err, statemachine.ErrTerminated):
			found.Refused = "ended"
		case err != nil && !errors.As(err, &recorded):
			found.Refused = "no rule"
		}
	}
	found.After = datatransfer.Statuses[field("Status").Interface().(datatransfer.Status)]
	if message := field("Message").String(); message != messageBefore {
		found.Message = &message
	}
	return found, nil
}

func eventOf(event datatransfer.EventCode) string {
	if event == datatransfer.Opened {
		return "Opened"
	}
	return datatransfer.Events[event]
}

func arguments(event datatransfer.EventCode) []any {
	switch event {
	case datatransfer.DataQueued, datatransfer.DataSent, datatransfer.DataReceived:
		return []any{int64(1)}
	case datatransfer.DataQueuedProgress, datatransfer.DataSentProgress, datatransfer.DataReceivedProgress:
		return []any{uint64(1)}
	case datatransfer.NewVoucher, datatransfer.NewVoucherResult:
		return []any{datatransfer.TypeIdentifier("Any/1"), []byte{0xf6}}
	case datatransfer.Error, datatransfer.Disconnected, datatransfer.SendDataError, datatransfer.ReceiveDataError,
		datatransfer.RequestCancelled:
		return []any{errors.New("trouble")}
	}
	return nil
}
