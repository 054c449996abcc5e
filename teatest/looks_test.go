package teatest_test

import (
	"fmt"
	"image/color"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"atlas-restore/teatest"
)

// roleLetters name what a role looks like on a dark background, as the goldens of colours have
// it: the first of bold text is a capital. Labels that are filled with a colour are digits.
var roleLetters = map[string]byte{
	"": ' ', "#ff875f": 'd', "#ffd75f": 'c', "#5fd7d7": 'g', "#87d7ff": 'r', "#87afff": 'a', "#a8a8a8": '.', "#ffafff": 'm',
	"on #ff875f": '1', "on #87afff": '2', "on #5fd7d7": '3', "on #ffafff": '4', "on #a8a8a8": '5', "reverse": '7',
}

// looks are the other terminals that a page is shown on.
var looks = []struct {
	name    string
	profile colorprofile.Profile
	back    color.Color
}{
	{"light", colorprofile.TrueColor, color.White},
	{"dark, 16 colours", colorprofile.ANSI, color.Black},
	{"light, 16 colours", colorprofile.ANSI, color.White},
}

// counterparts are what the roles look like on each of them, over all pages.
var counterparts = struct {
	sync.Mutex
	of map[string]string
}{of: map[string]string{}}

// colours compares the roles of a page's cells with a golden, and says that every other
// terminal shows the same roles in its own way.
func (s *stage) colours(name string) {
	s.t.Helper()
	s.Send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.Send(tea.BackgroundColorMsg{Color: color.Black})
	s.Settled()
	words, dark := s.Screen(), s.Picture().Styles()
	s.compareRoles(name, dark)
	for _, l := range looks {
		s.Send(tea.ColorProfileMsg{Profile: l.profile})
		s.Send(tea.BackgroundColorMsg{Color: l.back})
		s.Settled()
		if s.Screen() != words {
			continue // something that lives has come between
		}
		met := map[[2]teatest.Style]bool{}
		for y, line := range s.Picture().Styles() {
			for x, style := range line {
				pair := [2]teatest.Style{dark[y][x], style}
				if met[pair] {
					continue
				}
				met[pair] = true
				counterparts.Lock()
				key := l.name + " " + dark[y][x].String()
				known, ok := counterparts.of[key]
				if !ok {
					counterparts.of[key] = style.String()
				}
				counterparts.Unlock()
				if ok && known != style.String() {
					s.t.Fatalf("%s: cell %d, %d is %s on dark, which is elsewhere %s, and here %s", l.name, x, y, dark[y][x], known, style)
				}
			}
		}
	}
}

// compareRoles writes the roles as letters.
func (s *stage) compareRoles(name string, cells [][]teatest.Style) {
	s.t.Helper()
	var b strings.Builder
	for _, line := range cells {
		row := make([]byte, len(line))
		for x, c := range line {
			letter, ok := roleLetters[c.Role()]
			if !ok {
				s.t.Fatalf("cell %d is %s, which is no role", x, c)
			}
			if c.Bold && letter >= 'a' && letter <= 'z' {
				letter -= 'a' - 'A'
			} else if c.Bold && letter == ' ' {
				letter = 'B'
			}
			row[x] = letter
		}
		fmt.Fprintln(&b, strings.TrimRight(string(row), " "))
	}
	teatest.SameFile(s.t, "testdata/"+name+".roles", b.String())
}
