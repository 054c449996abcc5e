package teatest

import (
	"fmt"
	"image/color"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Picture is a screen as a person sees it: its cells with their colours, and the cursor.
type Picture struct {
	cells            [][]uv.Cell
	cursorX, cursorY int
	cursor           bool // it is shown
	theme            theme
}

// theme is what a terminal shows where the program sets no colour, and the 16 colours that
// are its own.
type theme struct {
	back, text string
	own        [16]string
}

// The own colours are those of a common theme. What a picture proves is which of them the
// program chose, not how one theme looks.
var (
	darkTheme = theme{back: "#16181d", text: "#d8dee9", own: [16]string{
		"#2e3440", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
		"#5c6370", "#ff7b86", "#b5e890", "#ffd787", "#7fc1ff", "#de8fff", "#6fd8e5", "#ffffff",
	}}
	lightTheme = theme{back: "#fdfdfd", text: "#24292f", own: [16]string{
		"#24292f", "#c4262e", "#2d7d32", "#8a6100", "#1f5fbf", "#8a2fa8", "#0b6b78", "#d0d7de",
		"#6e7781", "#a40e26", "#116329", "#7d4e00", "#0a4fae", "#6f1f8f", "#045763", "#ffffff",
	}}
)

// Picture takes the screen as it is now.
func (f *face) Picture() Picture {
	return look(f.g, func() Picture {
		w, h := f.g.emu.Width(), f.g.emu.Height()
		p := Picture{cells: make([][]uv.Cell, h), theme: darkTheme, cursor: !f.g.emu.CursorHidden()}
		if r, _, _, _ := f.g.emu.BackgroundColor().RGBA(); r > 0x8000 {
			p.theme = lightTheme
		}
		at := f.g.emu.CursorPosition()
		p.cursorX, p.cursorY = at.X, at.Y
		for y := range h {
			p.cells[y] = make([]uv.Cell, w)
			for x := range w {
				if c := f.g.emu.CellAt(x, y); c != nil {
					p.cells[y][x] = *c
				}
			}
		}
		return p
	})
}

// Frame is a picture and how long it stands.
type Frame struct {
	Picture
	For time.Duration
}

// A cell's size, in the unit of the drawing. The fonts that a reader has differ by a few
// per cent: each run of text is set to the width of its cells.
const (
	cellW, cellH, fontSize, baseline = 8.4, 18.0, 14.0, 13.5
	margin                           = 14.0
)

// SVG draws the picture. The same cells give the same bytes.
func (p Picture) SVG() string {
	d := drawing{theme: p.theme}
	var body strings.Builder
	for y := range p.cells {
		fmt.Fprintf(&body, "<g transform=\"translate(0,%s)\">%s</g>\n", num(float64(y)*cellH), d.row(p, y))
	}
	return d.whole(p, "", body.String())
}

// Film joins pictures of one size to one that moves: each stands for its time, and after the
// last it begins anew. Where a reader asks for less motion the last one stands.
func Film(frames []Frame) string {
	var total time.Duration
	for _, f := range frames {
		total += f.For
	}
	var style, defs, body strings.Builder
	rows := map[string]int{} // each row is drawn once, however many frames have it
	var d drawing
	var at time.Duration
	for n, f := range frames {
		d.theme = f.theme
		from, to := share(at, total), share(at+f.For, total)
		at += f.For
		style.WriteString(keyframes(n, from, to, n == 0, n == len(frames)-1))
		fmt.Fprintf(&style, ".f%d{animation:f%d %ss step-end infinite}", n, n, num(total.Seconds()))
		fmt.Fprintf(&body, "<g class=\"f f%d\">", n)
		for y := range f.cells {
			drawn := d.row(f.Picture, y)
			if drawn == "" {
				continue
			}
			id, known := rows[drawn]
			if !known {
				id = len(rows)
				rows[drawn] = id
				fmt.Fprintf(&defs, "<g id=\"r%d\">%s</g>\n", id, drawn)
			}
			fmt.Fprintf(&body, "<use href=\"#r%d\" y=\"%s\"/>", id, num(float64(y)*cellH))
		}
		body.WriteString("</g>\n")
	}
	last := len(frames) - 1
	style.WriteString(".f{visibility:hidden}")
	fmt.Fprintf(&style, "@media(prefers-reduced-motion:reduce){.f{animation:none}.f%d{visibility:visible}}", last)
	return d.whole(frames[last].Picture, style.String(), "<defs>"+defs.String()+"</defs>\n"+body.String())
}

// keyframes are when a frame is seen.
func keyframes(n int, from, to string, first, last bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "@keyframes f%d{", n)
	if !first {
		b.WriteString("0%{visibility:hidden}")
	}
	fmt.Fprintf(&b, "%s{visibility:visible}", from)
	if !last {
		fmt.Fprintf(&b, "%s{visibility:hidden}", to)
	}
	b.WriteString("}")
	return b.String()
}

func share(at, of time.Duration) string { return num(100*at.Seconds()/of.Seconds()) + "%" }

// drawing draws rows of cells in one theme.
type drawing struct{ theme theme }

// whole is the file around a picture.
func (d drawing) whole(p Picture, style, body string) string {
	w, h := 2*margin, 2*margin+float64(len(p.cells))*cellH
	if len(p.cells) > 0 {
		w += float64(len(p.cells[0])) * cellW
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s">
<style>text{font:%spx ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre}.b{font-weight:bold}.i{font-style:italic}%s</style>
<rect width="100%%" height="100%%" rx="8" fill="%s"/>
<g transform="translate(%s,%s)" fill="%s">
%s</g>
</svg>
`, num(w), num(h), num(w), num(h), num(fontSize), style, d.theme.back, num(margin), num(margin), d.theme.text, body)
}

// row draws a line of cells: what stands behind, and then the text in runs of one style.
func (d drawing) row(p Picture, y int) string {
	var behind, front strings.Builder
	cells := p.cells[y]
	for x := 0; x < len(cells); { // in one piece where the text on it is not
		_, back := d.colours(cells[x].Style)
		n := 1
		for ; x+n < len(cells); n++ {
			if _, next := d.colours(cells[x+n].Style); next != back {
				break
			}
		}
		if back != "" {
			fmt.Fprintf(&behind, `<rect x="%s" width="%s" height="%s" fill="%s"/>`, num(float64(x)*cellW), num(float64(n)*cellW), num(cellH), back)
		}
		x += n
	}
	for x := 0; x < len(cells); {
		n := run(cells, x)
		text, _ := d.colours(cells[x].Style)
		d.text(&front, cells[x:x+n], x, text)
		x += n
	}
	if p.cursor && p.cursorY == y {
		fmt.Fprintf(&front, `<rect x="%s" width="%s" height="%s" fill="%s" opacity=".55"/>`, num(float64(p.cursorX)*cellW), num(cellW), num(cellH), d.theme.text)
	}
	return behind.String() + front.String()
}

// run is how many cells from x on have one style.
func run(cells []uv.Cell, x int) int {
	n := 1
	for x+n < len(cells) && (cells[x+n].Style.Equal(&cells[x].Style) || cells[x+n].Width == 0 && cells[x+n].Content == "") {
		n++
	}
	return n
}

// text draws a run: words as text, lines and blocks as shapes, which must meet.
func (d drawing) text(b *strings.Builder, cells []uv.Cell, x int, fill string) {
	attrs := ""
	style := cells[0].Style
	if fill != d.theme.text {
		attrs += ` fill="` + fill + `"`
	}
	if style.Attrs&uv.AttrFaint != 0 {
		attrs += ` opacity=".6"`
	}
	class := ""
	if style.Attrs&uv.AttrBold != 0 {
		class += "b"
	}
	if style.Attrs&uv.AttrItalic != 0 {
		class += " i"
	}
	if class = strings.TrimSpace(class); class != "" {
		class = ` class="` + class + `"`
	}
	var words strings.Builder
	from := x
	flush := func(to int) {
		s := words.String()
		words.Reset()
		trimmed := strings.TrimRight(s, " ")
		to -= len(s) - len(trimmed)
		if lead := len(trimmed) - len(strings.TrimLeft(trimmed, " ")); lead > 0 {
			from, trimmed = from+lead, trimmed[lead:]
		}
		if trimmed != "" {
			fmt.Fprintf(b, `<text x="%s" y="%s" textLength="%s"%s%s>%s</text>`, num(float64(from)*cellW), num(baseline), num(float64(to-from)*cellW), class, attrs, escaped.Replace(trimmed))
		}
		from = to
	}
	for i, c := range cells {
		switch at := float64(x+i) * cellW; {
		case c.Width == 0 && c.Content == "":
			if i == 0 || cells[i-1].Width < 2 {
				words.WriteByte(' ') // never written
			}
		case shape(c.Content) != "":
			flush(x + i)
			fmt.Fprintf(b, `<path transform="translate(%s,0)" d="%s"%s/>`, num(at), shape(c.Content), attrs)
			from = x + i + 1
		default:
			words.WriteString(ansi.Strip(c.Content))
			if words.Len() >= 2 && strings.HasSuffix(words.String(), "  ") { // columns stay where they are in any font
				flush(x + i + 1)
				from = x + i + 1
			}
		}
	}
	flush(x + len(cells))
	if style.Underline != 0 {
		fmt.Fprintf(b, `<rect x="%s" y="15.5" width="%s" height="1" fill="%s"/>`, num(float64(x)*cellW), num(float64(len(cells))*cellW), fill)
	}
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// colours are a style's, of the text and of what is behind it; the latter is "" where it is
// the terminal's own.
func (d drawing) colours(s uv.Style) (text, back string) {
	text, back = d.colour(s.Fg, d.theme.text), d.colour(s.Bg, "")
	if s.Attrs&uv.AttrReverse != 0 {
		if back == "" {
			back = d.theme.back
		}
		text, back = back, text
	}
	return text, back
}

func (d drawing) colour(c color.Color, none string) string {
	switch c := c.(type) {
	case nil:
		return none
	case ansi.BasicColor:
		return d.theme.own[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return d.theme.own[c]
		}
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// shape is the outline of a character that must meet its neighbours, or point: fonts draw
// these too short, too thin, or as a coloured sign. "" is a character for the font.
func shape(s string) string {
	const midX, midY, thin, thick = cellW / 2, cellH / 2, 1.2, 2.6
	box := func(x, y, w, h float64) string {
		return "M" + num(x) + " " + num(y) + "h" + num(w) + "v" + num(h) + "h" + num(-w) + "z"
	}
	across := func(h, from, to float64) string { return box(from, midY-h/2, to-from, h) }
	down := func(from, to float64) string { return box(midX-thin/2, from, thin, to-from) }
	switch s {
	case "─":
		return across(thin, 0, cellW)
	case "━":
		return across(thick, 0, cellW)
	case "│":
		return down(0, cellH)
	case "╭", "┌":
		return across(thin, midX, cellW) + down(midY, cellH)
	case "╮", "┐":
		return across(thin, 0, midX) + down(midY, cellH)
	case "╰", "└":
		return across(thin, midX, cellW) + down(0, midY)
	case "╯", "┘":
		return across(thin, 0, midX) + down(0, midY)
	case "├":
		return across(thin, midX, cellW) + down(0, cellH)
	case "┤":
		return across(thin, 0, midX) + down(0, cellH)
	case "┬":
		return across(thin, 0, cellW) + down(midY, cellH)
	case "┴":
		return across(thin, 0, cellW) + down(0, midY)
	case "┼":
		return across(thin, 0, cellW) + down(0, cellH)
	case "█":
		return box(0, 0, cellW, cellH)
	case "▌":
		return box(0, 0, cellW/2, cellH)
	case "▏":
		return box(0, 0, cellW/8, cellH)
	case "▶":
		return "M0 " + num(midY-4.5) + "L" + num(cellW) + " " + num(midY) + "L0 " + num(midY+4.5) + "z"
	case "▸":
		return "M1.5 " + num(midY-3.5) + "L" + num(cellW-1) + " " + num(midY) + "L1.5 " + num(midY+3.5) + "z"
	case "▲":
		return "M0 " + num(midY+4.5) + "L" + num(cellW) + " " + num(midY+4.5) + "L" + num(midX) + " " + num(midY-4.5) + "z"
	case "▼":
		return "M0 " + num(midY-4.5) + "L" + num(cellW) + " " + num(midY-4.5) + "L" + num(midX) + " " + num(midY+4.5) + "z"
	}
	if r := []rune(s); len(r) == 1 && r[0] >= '▁' && r[0] <= '▇' {
		high := float64(r[0]-'▁'+1) / 8 * cellH
		return box(0, cellH-high, cellW, high)
	}
	return ""
}

// num is a number of the drawing, to a hundredth, without what says nothing.
func num(f float64) string {
	s := fmt.Sprintf("%.2f", f)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// Printed is the picture of text that a program printed: as many lines as it has.
func Printed(text string, width int) Picture {
	text = strings.TrimSuffix(text, "\n")
	g := newGlass(Size{W: width, H: strings.Count(text, "\n") + 1}, false, true)
	defer g.close()
	_, _ = g.Write([]byte(text))
	p := (&face{g: g}).Picture()
	p.cursor = false
	return p
}

// Style is how a cell looks: the colours as #rrggbb, or as a number of the terminal's own 16.
type Style struct {
	Text, Back                      string
	Bold, Faint, Reverse, Underline bool
}

// Styles are those of the cells that show something: a blank has none but what is behind it.
func (p Picture) Styles() [][]Style {
	codes := map[color.Color]string{} // a screen has few colours, and many cells
	code := func(c color.Color) string {
		s, ok := codes[c]
		if !ok {
			s = code(c)
			codes[c] = s
		}
		return s
	}
	out := make([][]Style, len(p.cells))
	for y, line := range p.cells {
		out[y] = make([]Style, len(line))
		for x, c := range line {
			s := Style{
				Text: code(c.Style.Fg), Back: code(c.Style.Bg), Bold: c.Style.Attrs&uv.AttrBold != 0, Faint: c.Style.Attrs&uv.AttrFaint != 0,
				Reverse: c.Style.Attrs&uv.AttrReverse != 0, Underline: c.Style.Underline != 0,
			}
			if strings.TrimSpace(c.Content) == "" && s.Back == "" && !s.Reverse {
				s = Style{}
			}
			out[y][x] = s
		}
	}
	return out
}

func code(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return ""
	case ansi.BasicColor:
		return fmt.Sprint(int(c))
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// Role is what tells the roles of one look apart.
func (s Style) Role() string {
	switch {
	case s.Reverse:
		return "reverse"
	case s.Back != "":
		return "on " + s.Back
	}
	return s.Text
}

// String implements fmt.Stringer.
func (s Style) String() string {
	out := s.Role()
	if s.Bold {
		out += " bold"
	}
	if s.Faint {
		out += " faint"
	}
	if s.Underline {
		out += " underlined"
	}
	if out == "" {
		return "plain"
	}
	return out
}
