package openapi

import (
	"encoding/json"
	"reflect"
	"strings"

	"sofipo/core/event"
	"sofipo/infra/amqp"
)

// Events returns the AsyncAPI 3.0 document of the published events as JSON. The function
// about describes the members of the event envelope.
func Events(version string, declared []event.Declaration, about func(member string) string) ([]byte, error) {
	return json.Marshal(describeEvents(version, declared, about))
}

// dict is a JSON object.
type dict map[string]any

func ref(parts ...string) dict { return dict{"$ref": "#/" + strings.Join(parts, "/")} }

func describeEvents(version string, declared []event.Declaration, about func(string) string) dict {
	messages, schemas, channels, operations := dict{}, dict{}, dict{}, dict{}
	queued := dict{}
	for _, d := range declared {
		name := d.Name()
		schemas[name] = envelopeSchema(d, about)
		messages[name] = dict{
			"name": name, "title": d.Text.EN, "contentType": "application/json",
			"payload":  ref("components", "schemas", name),
			"bindings": dict{"amqp": dict{"contentEncoding": "utf-8", "messageType": name, "bindingVersion": "0.3.0"}},
		}
		channels[name] = dict{
			"address": event.RoutingKey(name), "messages": dict{name: ref("components", "messages", name)},
			"bindings": dict{"amqp": dict{"is": "routingKey", "exchange": dict{
				"name": amqp.Exchange, "type": "topic", "durable": true, "autoDelete": false}, "bindingVersion": "0.3.0"}},
		}
		operations["publish_"+name] = dict{
			"action": "send", "channel": ref("channels", name), "messages": []dict{ref("channels", name, "messages", name)},
			"bindings": dict{"amqp": dict{"deliveryMode": 2, "bindingVersion": "0.3.0"}},
		}
		queued[name] = ref("components", "messages", name)
	}
	channels[amqp.Queue] = dict{
		"address": amqp.Queue, "messages": queued,
		"description": "Queue of all events, bound to the exchange " + amqp.Exchange + " with the key " + amqp.BindingKey + ".",
		"bindings":    dict{"amqp": dict{"is": "queue", "queue": dict{"name": amqp.Queue, "durable": true, "exclusive": false, "autoDelete": false}, "bindingVersion": "0.3.0"}},
	}
	operations["consume_all"] = dict{"action": "receive", "channel": ref("channels", amqp.Queue),
		"bindings": dict{"amqp": dict{"ack": true, "bindingVersion": "0.3.0"}}}
	return dict{
		"asyncapi": "3.0.0",
		"info": dict{"title": "SOFIPO events", "version": version, "license": dict{"name": "Apache-2.0"},
			"description": "Business events. Each event is delivered at least once. Events with the same subject are delivered in order. event_id is also the AMQP message_id."},
		"defaultContentType": "application/json",
		"channels":           channels, "operations": operations,
		"components": dict{"messages": messages, "schemas": schemas},
	}
}

// envelopeSchema returns the schema of an event type.
func envelopeSchema(d event.Declaration, about func(string) string) dict {
	properties, required := dict{}, []string{}
	t := reflect.TypeFor[event.Envelope]()
	for i := range t.NumField() {
		name, optional, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		kind := "string"
		if k := t.Field(i).Type.Kind(); k == reflect.Int || k == reflect.Int64 {
			kind = "integer"
		}
		properties[name] = dict{"type": kind, "description": about(name)}
		if optional == "" {
			required = append(required, name)
		}
	}
	properties["event_type"] = dict{"const": d.Name()}
	properties["version"] = dict{"const": d.Payload.Event().Version}
	properties["subject"] = dict{"type": "string", "format": "uuid", "description": "Id of the " + strings.ReplaceAll(d.Subject, "_", " ") + ". Its events are delivered in order."}
	payload, names := dict{}, []string{}
	for _, f := range d.Fields() {
		payload[f.Name] = dict{"type": f.Kind}
		if !f.Optional {
			names = append(names, f.Name)
		}
	}
	properties["payload"] = dict{"type": "object", "properties": payload, "required": names}
	return dict{"type": "object", "properties": properties, "required": required}
}
