package lines

import (
	"context"
	"errors"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// signIn asks for a credential where none was found, and tries it against Atlas before
// it goes on.
func (f *face) signIn() error {
	if !f.attended {
		return errors.New("nobody is signed in")
	}
	kinds := steps.SignInKinds()
	var names []option
	for _, k := range kinds {
		about := k.Public + " and " + k.Private
		names = append(names, option{name: k.Name, id: k.Name, about: about, text: filter.Of(k.Name, k.Name, about)})
	}
	r, err := f.choose(question{
		noun: "kind", prompt: "Kind of credential", options: names, usual: 0, explain: func() { f.help(steps.StepSignIn) },
		before: []string{"Sign in: no credentials were found. What you type is kept in memory only."},
		find: func(text string) (int, error) {
			for i, n := range names {
				if n.name == text {
					return i, nil
				}
			}
			return -1, steps.ErrNoSuch
		},
	})
	if err != nil {
		return err
	}
	k := kinds[r.at]
	public, err := f.answer(k.Public + ":")
	if err != nil {
		return err
	}
	switch command(public) {
	case "q":
		return ErrLeft
	case "b":
		return nil // the kind is asked anew
	case "?":
		f.help(steps.StepSignIn)
		return nil
	}
	private, err := f.secret(k.Private + ":")
	if errors.Is(err, errSeen) {
		f.say(sentence(err))
		return ErrLeft
	}
	if err != nil {
		return err
	}
	if public == "" || private.IsZero() {
		f.say("Both halves are needed.")
		return nil
	}
	return f.try(r.at, public, private)
}

func (f *face) try(kind int, public string, private state.Secret) error {
	connection, err := f.run.Cfg.SignIn(kind, public, private)
	if err == nil {
		var projects []state.Project
		projects, err = await(f, "Signing in to Atlas", func(ctx context.Context) ([]state.Project, error) { return connection.Atlas.Projects(ctx) })
		if err == nil {
			f.run.SignedIn(connection, projects)
			f.say("Signed in as " + connection.Who + ".")
			return nil
		}
	}
	if errors.Is(err, ErrLeft) {
		return err
	}
	p := state.Explain("Signing in", err)
	f.trouble = &stopped{p, err}
	f.say(p.Text())
	return nil // it is asked anew
}
