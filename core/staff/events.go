package staff

import (
	"strings"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of users, roles and branches. They are not cached, so no event
// invalidates a cached answer.
var Events = []event.Declaration{
	{Payload: UserAdded{}, Subject: "user", Text: lang.Text{EN: "User {username} added as {role}", ES: "Usuario {username} dado de alta como {role}"}},
	{Payload: UserPasswordChanged{}, Subject: "user", Text: lang.Text{EN: "Password of {username} changed", ES: "Contraseña de {username} cambiada"}},
	{Payload: UserDisabled{}, Subject: "user", Text: lang.Text{EN: "User {username} disabled", ES: "Usuario {username} deshabilitado"}},
	{Payload: UserEnabled{}, Subject: "user", Text: lang.Text{EN: "User {username} enabled", ES: "Usuario {username} habilitado"}},
	{Payload: UserChanged{}, Subject: "user", Text: lang.Text{EN: "User {username} changed: {fields}", ES: "Usuario {username} modificado: {fields}"}},
	{Payload: UserRoleChanged{}, Subject: "user", Text: lang.Text{EN: "Role of {username} changed from {former_role} to {role}", ES: "Perfil de {username} cambiado de {former_role} a {role}"}},
	{Payload: RoleChanged{}, Subject: "role", Text: lang.Text{EN: "Role {role} changed: {fields}", ES: "Perfil {role} modificado: {fields}"}},
	{Payload: BranchAdded{}, Subject: "branch", Text: lang.Text{EN: "Branch {code} {name} opened", ES: "Sucursal {code} {name} abierta"}},
	{Payload: BranchChanged{}, Subject: "branch", Text: lang.Text{EN: "Branch {code} changed", ES: "Sucursal {code} modificada"}},
	{Payload: BranchClosing{}, Subject: "branch", Text: lang.Text{EN: "Branch {code} closed", ES: "Sucursal {code} cerrada"}},
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

// UserEnabled is the payload of user_enabled.
type UserEnabled UserDisabled

// UserEnabledEvent returns the event of a user who can log in again.
func UserEnabledEvent(u User) event.Fact {
	return event.Fact{Payload: UserEnabled{u.Username, u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserEnabled) Event() event.Type { return event.Type{Name: "user_enabled", Version: 1} }

// Members implements event.Payload.
func (e UserEnabled) Members(o *event.Object) { UserDisabled(e).Members(o) }

// UserChanged is the payload of user_changed. It names the changed fields, not their values.
type UserChanged struct {
	Username, Fields string
	ID               id.ID
}

// UserChangedEvent returns the event of a changed user.
func UserChangedEvent(u User, fields []string) event.Fact {
	return event.Fact{Payload: UserChanged{u.Username, strings.Join(fields, ", "), u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserChanged) Event() event.Type { return event.Type{Name: "user_changed", Version: 1} }

// Members implements event.Payload.
func (e UserChanged) Members(o *event.Object) {
	o.Text("username", e.Username)
	o.Text("fields", e.Fields)
	o.ID("id", e.ID)
}

// UserRoleChanged is the payload of user_role_changed.
type UserRoleChanged struct {
	Username, FormerRole, Role string
	ID                         id.ID
}

// UserRoleChangedEvent returns the event of a user with a new role.
func UserRoleChangedEvent(u User, former string) event.Fact {
	return event.Fact{Payload: UserRoleChanged{u.Username, former, u.Role, u.ID}, Entity: u.ID, Subject: u.ID}
}

// Event implements event.Payload.
func (UserRoleChanged) Event() event.Type { return event.Type{Name: "user_role_changed", Version: 1} }

// Members implements event.Payload.
func (e UserRoleChanged) Members(o *event.Object) {
	o.Text("username", e.Username)
	o.Text("former_role", e.FormerRole)
	o.Text("role", e.Role)
	o.ID("id", e.ID)
}

// RoleChanged is the payload of role_changed.
type RoleChanged struct{ Role, Fields string }

// RoleChangedEvent returns the event of a new or changed role.
func RoleChangedEvent(r Role, subject id.ID, fields []string) event.Fact {
	return event.Fact{Payload: RoleChanged{string(r.Name), strings.Join(fields, ", ")}, Entity: subject, Subject: subject}
}

// Event implements event.Payload.
func (RoleChanged) Event() event.Type { return event.Type{Name: "role_changed", Version: 1} }

// Members implements event.Payload.
func (e RoleChanged) Members(o *event.Object) {
	o.Text("role", e.Role)
	o.Text("fields", e.Fields)
}

// BranchAdded is the payload of branch_added.
type BranchAdded struct {
	Code, Name string
	ID         id.ID
}

// BranchAddedEvent returns the event of a new branch.
func BranchAddedEvent(b Branch) event.Fact {
	return event.Fact{Payload: BranchAdded{b.Code, b.Name, b.ID}, Entity: b.ID, Subject: b.ID}
}

// Event implements event.Payload.
func (BranchAdded) Event() event.Type { return event.Type{Name: "branch_added", Version: 1} }

// Members implements event.Payload.
func (e BranchAdded) Members(o *event.Object) {
	o.Text("code", e.Code)
	o.Text("name", e.Name)
	o.ID("id", e.ID)
}

// BranchChanged is the payload of branch_changed.
type BranchChanged BranchAdded

// BranchChangedEvent returns the event of a changed branch.
func BranchChangedEvent(b Branch) event.Fact {
	return event.Fact{Payload: BranchChanged{b.Code, b.Name, b.ID}, Entity: b.ID, Subject: b.ID}
}

// Event implements event.Payload.
func (BranchChanged) Event() event.Type { return event.Type{Name: "branch_changed", Version: 1} }

// Members implements event.Payload.
func (e BranchChanged) Members(o *event.Object) { BranchAdded(e).Members(o) }

// BranchClosing is the payload of branch_closed.
type BranchClosing BranchAdded

// BranchClosedEvent returns the event of a closed branch.
func BranchClosedEvent(b Branch) event.Fact {
	return event.Fact{Payload: BranchClosing{b.Code, b.Name, b.ID}, Entity: b.ID, Subject: b.ID}
}

// Event implements event.Payload.
func (BranchClosing) Event() event.Type { return event.Type{Name: "branch_closed", Version: 1} }

// Members implements event.Payload.
func (e BranchClosing) Members(o *event.Object) { BranchAdded(e).Members(o) }
