package staff

import (
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of users. Users are not cached, so no event
// invalidates a cached answer.
var Events = []event.Declaration{
	{Payload: UserAdded{}, Subject: "user", Text: lang.Text{EN: "User {username} added as {role}", ES: "Usuario {username} dado de alta como {role}"}},
	{Payload: UserPasswordChanged{}, Subject: "user", Text: lang.Text{EN: "Password of {username} changed", ES: "Contraseña de {username} cambiada"}},
	{Payload: UserDisabled{}, Subject: "user", Text: lang.Text{EN: "User {username} disabled", ES: "Usuario {username} deshabilitado"}},
}

// UserAdded is the payload of user_added. It never contains the password.
type UserAdded struct {
	Username, Role string
	ID             id.ID
}

// UserAddedEvent returns the event of a new user.
func UserAddedEvent(u User) event.Fact {
	return event.Fact{Payload: UserAdded{u.Username, u.Role, u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserAdded) Event() event.Type { return event.Type{Name: "user_added", Version: 1} }

// Members implements event.Payload.
func (e UserAdded) Members(o *event.Object) {
	o.Text("username", e.Username)
	o.Text("role", e.Role)
	o.ID("id", e.ID)
}

// UserPasswordChanged is the payload of user_password_changed.
type UserPasswordChanged struct {
	Username string
	ID       id.ID
}

// UserPasswordChangedEvent returns the event of a changed password.
func UserPasswordChangedEvent(u User) event.Fact {
	return event.Fact{Payload: UserPasswordChanged{u.Username, u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserPasswordChanged) Event() event.Type {
	return event.Type{Name: "user_password_changed", Version: 1}
}

// Members implements event.Payload.
func (e UserPasswordChanged) Members(o *event.Object) {
	o.Text("username", e.Username)
	o.ID("id", e.ID)
}

// UserDisabled is the payload of user_disabled.
type UserDisabled struct {
	Username string
	ID       id.ID
}

// UserDisabledEvent returns the event of a user who can no longer log in.
func UserDisabledEvent(u User) event.Fact {
	return event.Fact{Payload: UserDisabled{u.Username, u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserDisabled) Event() event.Type { return event.Type{Name: "user_disabled", Version: 1} }

// Members implements event.Payload.
func (e UserDisabled) Members(o *event.Object) {
	o.Text("username", e.Username)
	o.ID("id", e.ID)
}
