package forms

import (
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// base is what every field shares: its names, its place, and the part of
// huh.Field that has nothing to do here.
type base struct {
	self    huh.Field // the field that embeds this base
	key     string
	label   string
	means   string
	styles  *Styles // the form's own, so that SetStyles reaches every field
	width   int
	room    int // lines beneath the head
	focused bool
}

func (b *base) name() string        { return b.label }
func (b *base) meaning() string     { return b.means }
func (b *base) setRoom(w, room int) { b.width, b.room = w, room }

// Init implements huh.Model.
func (b *base) Init() tea.Cmd { return nil }

// Focus implements huh.Field.
func (b *base) Focus() tea.Cmd { b.focused = true; return nil }

// Blur implements huh.Field. Nothing is checked here: a field can always be left.
func (b *base) Blur() tea.Cmd { b.focused = false; return nil }

// errEmbedded: the line face asks its questions itself, with one reader.
var errEmbedded = errors.New("a field of this form is only used inside it")

// Run implements huh.Field.
func (b *base) Run() error { return errEmbedded }

// RunAccessible implements huh.Field.
func (b *base) RunAccessible(io.Writer, io.Reader) error { return errEmbedded }

// Skip implements huh.Field.
func (b *base) Skip() bool { return false }

// Zoom implements huh.Field.
func (b *base) Zoom() bool { return false }

// GetKey implements huh.Field.
func (b *base) GetKey() string { return b.key }

// WithTheme implements huh.Field. The styles come from the form.
func (b *base) WithTheme(huh.Theme) huh.Field { return b.self }

// WithKeyMap implements huh.Field. The form owns the keys between fields.
func (b *base) WithKeyMap(*huh.KeyMap) huh.Field { return b.self }

// WithWidth implements huh.Field. The form's arrangement sets the width.
func (b *base) WithWidth(int) huh.Field { return b.self }

// WithHeight implements huh.Field. The form's arrangement sets the height.
func (b *base) WithHeight(int) huh.Field { return b.self }

// WithPosition implements huh.Field.
func (b *base) WithPosition(huh.FieldPosition) huh.Field { return b.self }
