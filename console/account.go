package console

import (
	"net/url"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/text"
	"sofipo/web"
)

const accountPath = Root + "account"

var accountRoutes = []route{
	{"GET " + accountPath, access.Own, (*visit).account},
	{"POST " + accountPath, access.Own, (*visit).changePreferences},
	{"POST " + accountPath + "/password", access.Own, (*visit).changePassword},
}

// account is the page of the user's own account.
type account struct {
	Username, Branch, Job string
	Preferences, Password *form
	Languages, Themes     []option
}

var accountScreen = declare[account]("account")

var accountPhrases = phrases{
	"Language": "Idioma", "Spanish": "Español", "English": "Inglés",
	"Colours": "Colores", "As the system": "Como el sistema",
	"Higher rows": "Renglones más altos", "Single letters are shortcuts": "Las letras solas son atajos",
	"How it looks": "Apariencia", "Save": "Guardar", "Saved": "Se guardó",
	"Change the password": "Cambiar contraseña", "Present password": "Contraseña actual", "New password": "Contraseña nueva",
	"The password was changed. Your other sessions ended.": "La contraseña cambió. Sus otras sesiones terminaron.",
	"At least 12 characters, without your user name.":      "Al menos 12 caracteres, sin su nombre de usuario.",
}

func (v *visit) account() error {
	p := v.who.User.Preferences
	if p.Language == "" {
		p.Language = "es"
	}
	preferences, err := v.form(url.Values{"language": {p.Language}, "theme": {string(p.Theme)}, "roomy": {onIf(p.Roomy)}, "keys": {onIf(!p.NoKeys)}})
	if err != nil {
		return err
	}
	return v.showAccount(200, preferences, &form{Key: preferences.Key})
}

// onIf returns the value of a check box.
func onIf(is bool) string {
	if is {
		return "on"
	}
	return ""
}

func (v *visit) showAccount(status int, preferences, password *form) error {
	return accountScreen.answer(v, status, account{
		Username: v.who.User.Username, Branch: v.branch.Name, Job: v.jobTitle(), Preferences: preferences, Password: password,
		Languages: []option{{"es", v.say("Spanish")}, {"en", v.say("English")}},
		Themes:    []option{{"", v.say("As the system")}, {string(staff.Light), capital(text.Of(v.lang, staff.Light))}, {string(staff.Dark), capital(text.Of(v.lang, staff.Dark))}},
	})
}

func (v *visit) changePreferences() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	_, err = command(v, f, staffing.ChangePreferences{Username: v.who.User.Username, Preferences: staff.Preferences{
		Language: f.Get("language"), Theme: staff.Theme(f.Get("theme")), Roomy: f.Is("roomy", "on"), NoKeys: !f.Is("keys", "on"),
	}})
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showAccount(status, f, &form{Key: f.Key})
	}
	return v.done(accountPath, notice{Text: v.say("Saved")})
}

// changePassword counts wrong present passwords as failed logins.
func (v *visit) changePassword() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	name, next := v.who.User.Username, f.Values.Get("new_password")
	_, err = v.Logins.LogIn(v.r.Context(), v.View, web.Attempt{Name: name, Password: f.Values.Get("present_password"), Remote: v.r.RemoteAddr})
	if fault.Is(err, access.BadLogin) {
		err = fault.Wrong(fault.At("present_password", staff.WrongPassword))
	}
	if err == nil {
		err = auth.CheckNewPassword(name, next)
	}
	var hash string
	if err == nil {
		hash, err = auth.HashPassword(next)
	}
	if err == nil {
		_, err = command(v, &form{}, staffing.ChangeOwnPassword{Username: name, Password: hash})
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"password": "new_password"})
		if !shown {
			return err
		}
		f.Values = nil
		return v.showAccount(status, &form{Key: f.Key, Values: url.Values{"language": {v.who.User.Preferences.Language}, "theme": {string(v.who.User.Preferences.Theme)}}}, f)
	}
	if err := v.openSession(name); err != nil {
		return err
	}
	return v.done(accountPath, notice{Text: v.say("The password was changed. Your other sessions ended.")})
}
