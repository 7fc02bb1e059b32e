package console

import (
	"net/url"
	"strconv"
	"strings"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/text"
)

// apiKeys is the part of a service account's page with its API keys.
type apiKeys struct {
	Path    string
	Made    string // a key that was just created
	Form    *form  // nil for those who may not create keys
	Lives   []option
	Choices []option // permissions that a key may have
	Rows    []apiKeyRow
}

type apiKeyRow struct {
	ID, Name, Expires, Permissions, By string
	State                              pill
	MayActivate, MayRevoke             bool
}

var apiKeyPhrases = phrases{
	"API keys":                        "Claves de API",
	"New API key":                     "Nueva clave de API",
	"Expires":                         "Vence",
	"What it is for":                  "Para qué sirve",
	"Days until it expires":           "Días hasta que vence",
	"Created by":                      "Creada por",
	"Activate":                        "Activar",
	"Revoke":                          "Revocar",
	"Create the key":                  "Crear la clave",
	"All permissions of the role":     "Todos los permisos del perfil",
	"The account has no API keys yet": "La cuenta todavía no tiene claves de API",
	"Copy the key now: it is not shown again.": "Copie la clave ahora: no se mostrará otra vez.",
	"Another person must activate it.":         "Otra persona debe activarla.",
	"The key was activated":                    "Se activó la clave",
	"The key was revoked":                      "Se revocó la clave",
	"Choose none for all permissions of the role. No key manages users or roles.": "No elija ninguno para dar todos los permisos del perfil. Ninguna clave administra usuarios ni perfiles.",
}

// keyPills are the kinds of pills of the states of keys.
var keyPills = map[staff.KeyState]string{staff.KeyActive: "good", staff.KeyWaiting: "warn", staff.KeyExpired: "off", staff.KeyRevoked: "off"}

// keyLives are the offered lives of keys, in days.
var keyLives = []int{30, 90, 180, staff.MaxKeyDays}

// apiKeysOf returns the keys of a service account. A form about keys that was sent replaces the
// empty one.
func (v *visit) apiKeysOf(u staff.User, role staff.Role, sent *form) (*apiKeys, error) {
	all, err := v.View.APIKeys(v.r.Context(), v.by(), u.Username)
	if err != nil {
		return nil, err
	}
	part := &apiKeys{Path: usersPath + "/" + u.Username, Made: v.madeKey}
	for _, k := range all {
		state, permissions := k.State(v.now), v.say("All permissions of the role")
		if len(k.Permissions) > 0 {
			permissions = v.permissionNames(k.Permissions)
		}
		part.Rows = append(part.Rows, apiKeyRow{
			ID: k.ID.String(), Name: k.Name, Expires: text.Of(v.lang, civil.DateOf(k.ExpiresAt.In(v.Location))), Permissions: permissions, By: v.person(k.CreatedBy),
			State:       pill{keyPills[state], capital(text.Of(v.lang, state))},
			MayActivate: v.may(staff.Manage) && state == staff.KeyWaiting && k.CreatedBy != v.who.User.Username,
			MayRevoke:   v.may(staff.Manage) && (state == staff.KeyWaiting || state == staff.KeyActive),
		})
	}
	if !v.may(staff.Manage) {
		return part, nil
	}
	part.Form = &form{Values: url.Values{"days": {"90"}}}
	if len(sent.Flaws) > 0 && sent.Get("do") == "key" || sent.Problem != "" {
		part.Form = sent
	}
	for _, days := range keyLives {
		part.Lives = append(part.Lives, option{strconv.Itoa(days), strconv.Itoa(days)})
	}
	for _, p := range staff.KeyPermissions(role) {
		part.Choices = append(part.Choices, option{string(p), capital(text.Of(v.lang, p))})
	}
	return part, nil
}

func (v *visit) permissionNames(all []access.Permission) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = text.Of(v.lang, p)
	}
	return capital(strings.Join(names, "; "))
}

// doToKey runs the command of a form about API keys. The answer to the form that creates a key
// shows it, once.
func (v *visit) doToKey(f *form, u staff.User) (said string, err error) {
	keyID, _ := id.Parse(f.Get("id")) // the zero id is not found
	switch f.Get("do") {
	case "activate":
		_, err = command(v, f, staffing.ActivateAPIKey{Username: u.Username, ID: keyID})
		return v.say("The key was activated"), err
	case "revoke":
		_, err = command(v, f, staffing.RevokeAPIKey{Username: u.Username, ID: keyID})
		return v.say("The key was revoked"), err
	}
	secret := auth.NewAPISecret()
	days, _ := strconv.Atoi(f.Get("days")) // the command refuses 0
	add := staffing.AddAPIKey{Username: u.Username, Title: f.Get("name"), Days: days, Hash: auth.HashAPISecret(secret)}
	for _, p := range f.Values["permission"] {
		add.Permissions = append(add.Permissions, access.Permission(p))
	}
	made, err := command(v, &form{}, add)
	if err == nil {
		f.Values, v.madeKey = url.Values{}, auth.APIKey(made.ID, secret)
	}
	return "", err
}
